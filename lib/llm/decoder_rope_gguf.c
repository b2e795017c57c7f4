#include "llm/decoder_architecture.h"
#include "llm/decoder_config.h"
#include "llm/decoder_rope.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What rope.scaling.* says; llama.cpp's values where it says nothing. */
struct scaling {
    double factor, context, fast, slow, magnitude, ext;
};

/* A number above 0, or `otherwise` where the key is absent or 0 (llama.cpp: not said). */
static int number_of(const struct decoder_config *c, const struct gguf *g,
                     const char *name, double otherwise, double *value, struct error *e)
{
    char key[80];

    snprintf(key, sizeof key, "%s.rope.%s", decoder_architecture_of(c)->gguf, name);
    *value = gguf_has(g, key) ? gguf_number(g, key) : 0;
    if (*value == 0)
        *value = otherwise;
    return *value > 0 && *value < 1e9 ? 0
                                      : fail(e, "%s: '%s' is %g: expected more than 0",
                                             gguf_path(g), key, *value);
}

static int read_scaling(const struct decoder_config *c, const struct gguf *g,
                        struct scaling *s, struct error *e)
{
    if (number_of(c, g, "scale_linear", 1, &s->factor, e)
        || number_of(c, g, "scaling.factor", s->factor, &s->factor, e)
        || number_of(c, g, "scaling.original_context_length", c->context, &s->context, e)
        || number_of(c, g, "scaling.yarn_beta_fast", 32, &s->fast, e)
        || number_of(c, g, "scaling.yarn_beta_slow", 1, &s->slow, e)
        || number_of(c, g, "scaling.yarn_ext_factor", 1, &s->ext, e)
        || number_of(c, g, "scaling.attn_factor", 1, &s->magnitude, e)
        || number_of(c, g, "scaling.yarn_attn_factor", s->magnitude, &s->magnitude, e))
        return -1;
    return s->ext == 1 ? 0
                       : fail(e, "%s: yarn_ext_factor is %g: only 1 is supported",
                              gguf_path(g), s->ext);
}

/* The kind, or "linear" where none is said. */
static int read_kind(const struct decoder_config *c, const struct gguf *g, char kind[32],
                     struct error *e)
{
    char key[80], *text;

    snprintf(kind, 32, "linear");
    snprintf(key, sizeof key, "%s.rope.scaling.type", decoder_architecture_of(c)->gguf);
    if (!gguf_has(g, key))
        return 0;
    text = gguf_string(g, key, e);
    if (!text)
        return -1;
    snprintf(kind, 32, "%s", text);
    free(text);
    if (strcmp(kind, "none") && strcmp(kind, "linear") && strcmp(kind, "yarn")
        && strcmp(kind, "longrope"))
        return fail(e, "%s: rope scaling '%s' is not supported", gguf_path(g), kind);
    return 0;
}

int decoder_rope_gguf(struct decoder_config *c, double **factors, const struct gguf *g,
                      struct error *e)
{
    struct scaling s;
    char kind[32];

    if (read_kind(c, g, kind, e) || read_scaling(c, g, &s, e))
        return -1;
    if (s.magnitude != 1)
        c->rope_magnitude = s.magnitude;
    if (gguf_has_tensor(g, "rope_factors_short.weight") && s.context < c->context)
        c->context = (int)s.context; /* Phi's others are for longer sequences */
    if (!strcmp(kind, "yarn")) {
        *factors = decoder_rope_yarn(c, s.factor, s.fast, s.slow, s.context, true);
        c->rope_magnitude = s.magnitude * decoder_rope_yarn_magnitude(s.factor, 1);
    } else if (!strcmp(kind, "linear") && s.factor != 1) {
        *factors = decoder_rope_linear(c, s.factor);
    }
    return 0;
}
