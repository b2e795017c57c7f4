#include "llm/decoder_architecture.h"
#include "llm/decoder_config.h"
#include "llm/decoder_parts.h"
#include "llm/decoder_rope.h"
#include "util/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* f: the object that names a kind of scaling. */

/* The context that the model was trained with before it was made longer. */
static int read_original(const struct json_file *f, double otherwise, double *context,
                         struct error *e)
{
    return json_number_or(f, "original_max_position_embeddings", 1, 1e9, otherwise,
                          context, e);
}

static int read_linear(struct decoder_config *c, double **factors,
                       const struct json_file *f, struct error *e)
{
    double factor;

    if (json_number(f, "factor", 1e-6, 1e6, &factor, e))
        return -1;
    *factors = decoder_rope_linear(c, factor);
    return 0;
}

static int read_llama3(struct decoder_config *c, double **factors,
                       const struct json_file *f, struct error *e)
{
    double factor, low, high, context;

    if (json_number(f, "factor", 1, 1e6, &factor, e)
        || json_number(f, "low_freq_factor", 1e-3, 1e6, &low, e)
        || json_number(f, "high_freq_factor", 1e-3, 1e6, &high, e)
        || json_number(f, "original_max_position_embeddings", 1, 1e9, &context, e))
        return -1;
    if (!(high > low))
        return fail(e, "%s: high_freq_factor %g: expected more than low_freq_factor %g",
                    f->path, high, low);
    *factors = decoder_rope_llama3(c, factor, low, high, context);
    return 0;
}

static int read_yarn(struct decoder_config *c, double **factors,
                     const struct json_file *f, struct error *e)
{
    double factor, context, fast, slow, magnitude, weight, all;
    bool truncate;

    if (read_original(f, c->context, &context, e)
        || (json_value(f, "original_max_position_embeddings")
                ? json_number_or(f, "factor", 1, 1e6, c->context / context, &factor, e)
                : json_number(f, "factor", 1, 1e6, &factor, e))
        || json_number_or(f, "beta_fast", 0, 1e6, 32, &fast, e)
        || json_number_or(f, "beta_slow", 0, 1e6, 1, &slow, e)
        || json_number_or(f, "mscale", 0, 1e6, 0, &weight, e)
        || json_number_or(f, "mscale_all_dim", 0, 1e6, 0, &all, e)
        || json_number_or(f, "attention_factor", 0, 1e6, 0, &magnitude, e)
        || json_bool_or(f, "truncate", true, &truncate, e))
        return -1;
    fast = fast > 0 ? fast : 32;
    slow = slow > 0 ? slow : 1;
    if (!(factor >= 1 && factor <= 1e6))
        return fail(e, "%s: yarn's factor is %g: expected 1 or more", f->path, factor);
    *factors = decoder_rope_yarn(c, factor, fast, slow, context, truncate);
    if (magnitude > 0)
        c->rope_magnitude = magnitude;
    else if (weight > 0 && all > 0)
        c->rope_magnitude = decoder_rope_yarn_magnitude(factor, weight)
                            / decoder_rope_yarn_magnitude(factor, all);
    else
        c->rope_magnitude = decoder_rope_yarn_magnitude(factor, 1);
    return 0;
}

/* Phi's: a list of divisors for sequences up to the original context, another beyond.
 * Here sequences are no longer than that. */
static int read_longrope(struct decoder_config *c, double **factors,
                         const struct json_file *f, double original, struct error *e)
{
    const json_t *list = json_value(f, "short_factor");
    double context, factor, magnitude;
    int half = decoder_rotated(c) / 2;

    if (read_original(f, original, &context, e)
        || json_number_or(f, "factor", 0, 1e6, 0, &factor, e)
        || json_number_or(f, "attention_factor", 0, 1e6, 0, &magnitude, e))
        return -1;
    if (json_array_size(list) != (size_t)half)
        return fail(e, "%s: short_factor: expected a list of %d numbers, found %zu",
                    f->path, half, json_array_size(list));
    *factors = mem_new((size_t)half, sizeof **factors);
    for (int j = 0; j < half; j++) {
        double v = json_number_value(json_array_get(list, (size_t)j));

        if (!(v >= 1e-6 && v <= 1e6))
            return fail(e, "%s: short_factor[%d] is %g: expected more than 0", f->path, j,
                        v);
        (*factors)[j] = v;
    }
    if (factor == 0)
        factor = c->context / context;
    if (magnitude == 0)
        magnitude = factor > 1 ? sqrt(1 + log(factor) / log(context)) : 1;
    c->rope_magnitude = magnitude;
    if (context < c->context)
        c->context = (int)context;
    return 0;
}

/* By its name.  NTK-aware "dynamic" scaling begins beyond the context, where nothing is
 * read here. */
static int read_scaling(struct decoder_config *c, double **factors,
                        const struct json_file *f, double original, struct error *e)
{
    const char *type, *old;
    double factor;

    if (json_text_or(f, "type", "", &old, e) ||
        json_text_or(f, "rope_type", old, &type, e) ||
        json_number_or(f, "factor", 0, 1e6, 1, &factor, e))
        return -1;
    if (!*type && factor != 1)
        return fail(e, "%s: rope scaling by a factor of %g, but of no type: expected "
                    "\"rope_type\"", f->path, factor);
    if (!*type || !strcmp(type, "default") || !strcmp(type, "dynamic"))
        return 0;
    if (!strcmp(type, "linear"))
        return read_linear(c, factors, f, e);
    if (!strcmp(type, "llama3"))
        return read_llama3(c, factors, f, e);
    if (!strcmp(type, "yarn"))
        return read_yarn(c, factors, f, e);
    if (!strcmp(type, "longrope") || !strcmp(type, "su"))
        return read_longrope(c, factors, f, original, e);
    return fail(e, "%s: rope scaling '%s' is not supported", f->path, type);
}

/* How many numbers of a head are rotated, by a share of it that some name rotary_pct. */
static int read_share(struct decoder_config *c, const struct json_file *config,
                      const struct json_file *scaling, struct error *e)
{
    double share = 1;

    if (json_number_or(config, "rotary_pct", 0, 1, share, &share, e)
        || json_number_or(config, "partial_rotary_factor", 0, 1, share, &share, e)
        || (scaling->root
            && json_number_or(scaling, "partial_rotary_factor", 0, 1, share, &share, e)))
        return -1;
    if (share < 1 && !(decoder_architecture_of(c)->files & DECODER_PARTLY_ROTATED))
        return fail(e, "%s: partial_rotary_factor %g: only 1 is supported", config->path,
                    share);
    if (share < 1) {
        c->rotated = (int)(c->head_dim * share);
        if (c->rotated < 2)
            return fail(e,
                        "%s: a share %g of a head's %d numbers is rotated: expected two "
                        "numbers or more",
                        config->path, share, c->head_dim);
    }
    return 0;
}

/* Gemma 3's rope_parameters: an object for each kind of layer. */
static int read_kinds(struct decoder_config *c, const struct json_file *f,
                      const json_t **full, struct error *e)
{
    struct json_file local = { f->path, NULL };
    const char *type;

    local.root = json_object_get(*full, "sliding_attention");
    *full = json_object_get(*full, "full_attention");
    if (!json_is_object(*full) || !json_is_object(local.root))
        return fail(e, "%s: rope_parameters: expected objects \"full_attention\" and "
                    "\"sliding_attention\"", f->path);
    if (json_text_or(&local, "rope_type", "default", &type, e)
        || json_number(&local, "rope_theta", 1, 1e12, &c->rope_theta_local, e))
        return -1;
    return strcmp(type, "default") ? fail(e,
                                          "%s: rope scaling '%s' of local layers is not "
                                          "supported",
                                          f->path, type)
                                   : 0;
}

int decoder_rope_hf(struct decoder_config *c, double **factors, const struct json_file *f,
                    struct error *e)
{
    struct json_file inner = { f->path, NULL };
    double usual = decoder_architecture_of(c)->rope_theta;
    double theta = usual > 0 ? usual : 10000, original = c->context;
    const json_t *scaling = json_value(f, "rope_parameters");

    if (!scaling)
        scaling = json_value(f, "rope_scaling");
    if (json_number_or(f, "rotary_emb_base", 1, 1e12, theta, &theta, e) ||
        json_number_or(f, "rope_theta", 1, 1e12, theta, &c->rope_theta, e) ||
        json_number_or(f, "original_max_position_embeddings", 1, 1e9, original, &original,
                       e))
        return -1;
    if (scaling && !json_is_object(scaling))
        return fail(e, "%s: rope_scaling: expected an object", f->path);
    if (scaling && json_object_get(scaling, "full_attention")
        && read_kinds(c, f, &scaling, e))
        return -1;
    inner.root = (json_t *)scaling;
    if (read_share(c, f, &inner, e))
        return -1;
    if (!scaling)
        return 0;
    if (json_number_or(&inner, "rope_theta", 1, 1e12, c->rope_theta, &c->rope_theta, e))
        return -1;
    return read_scaling(c, factors, &inner, original, e);
}
