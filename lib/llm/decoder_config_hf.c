#include "formats/hf_config.h"
#include "llm/decoder_architecture.h"
#include "llm/decoder_config.h"
#include "llm/decoder_parts.h"
#include "llm/decoder_rope.h"

#include <string.h>

static int read_size(const struct json_file *f, const char *key, long most, int *value,
                     struct error *e)
{
    long v;

    if (json_int(f, key, 1, most, &v, e))
        return -1;
    *value = (int)v;
    return 0;
}

static int read_sizes(struct decoder_config *c, const struct decoder_size_keys *keys,
                      const struct json_file *f, struct error *e)
{
    return read_size(f, keys->layers, DECODER_MOST_LAYERS, &c->layers, e)
                   || read_size(f, keys->width, 1 << 16, &c->width, e)
                   || read_size(f, keys->heads, 1 << 10, &c->heads, e)
                   || read_size(f, "vocab_size", 1 << 24, &c->vocab, e)
                   || read_size(f, keys->context, 1 << 30, &c->context, e)
                   || (keys->ff && read_size(f, keys->ff, 1 << 19, &c->ff, e))
               ? -1
               : 0;
}

/* The one activation that the architecture's models have. */
static int check_activation(const struct decoder_architecture *a,
                            const struct json_file *f, struct error *e)
{
    const char *found;

    if (!a->act_key)
        return 0;
    if (json_text_or(f, a->act_key, a->act, &found, e))
        return -1;
    if (strcmp(found, a->act))
        return fail(e, "%s: %s '%s': expected '%s'", f->path, a->act_key, found, a->act);
    return 0;
}

/* Keys with a say in what is computed that are read for all. */
static const char *const common[] = { "rms_norm_eps", "rope_theta", "rope_scaling",
                                      "rope_parameters" };

enum { COMMON = sizeof common / sizeof *common, MOST_KEYS = 40 };

static int refuse_others(const struct decoder_architecture *a, const struct json_file *f,
                         struct error *e)
{
    const char *read[MOST_KEYS] = { a->act_key ? a->act_key : "rms_norm_eps" };
    size_t n = 1;

    for (int i = 0; i < COMMON && a->is.positions == DECODER_ROTARY; i++)
        read[n++] = common[i];
    for (int i = 0; a->hf_keys[i] && n + 1 < MOST_KEYS; i++)
        read[n++] = a->hf_keys[i];
    return hf_config_refuse_others(f, read, e);
}

/* Models made for vectors of texts may see what comes after a token. */
static int check_causal(const struct json_file *f, struct error *e)
{
    bool causal;

    if (json_bool_or(f, "is_causal", true, &causal, e))
        return -1;
    return causal ? 0 : fail(e, "%s: is_causal false is not supported", f->path);
}

/* The head of another task in the place of the language model's. */
static int check_task(const struct json_file *f, struct error *e)
{
    const char *name = json_string_value(
        json_array_get(json_value(f, "architectures"), 0));
    static const char *const other[] = { "Classification", "QuestionAnswering",
                                         "Reward" };

    for (size_t i = 0; name && i < sizeof other / sizeof *other; i++)
        if (strstr(name, other[i]))
            return fail(e,
                        "%s: a %.80s has no head for tokens: expected a language model "
                        "(ForCausalLM)",
                        f->path, name);
    return 0;
}

static int read_architecture(struct decoder_config *c, const struct json_file *f,
                             struct error *e)
{
    const struct decoder_architecture *a;
    const char *type;

    if (json_text(f, "model_type", &type, e))
        return -1;
    a = decoder_architecture_hf(type);
    if (!a)
        return fail(e, "%s: model_type '%s'%s: expected %s", f->path, type,
                    hf_config_beyond(f), decoder_architecture_list_hf());
    *c = a->is;
    c->architecture = a;
    return check_causal(f, e) || check_task(f, e) ? -1 : 0;
}

int decoder_config_hf_known(const struct json_file *f, struct error *e)
{
    struct decoder_config c;

    return read_architecture(&c, f, e);
}

int decoder_config_hf(struct decoder_config *c, double **factors, bool *tied,
                      const struct json_file *f, struct error *e)
{
    const struct decoder_architecture *a;

    *c = (struct decoder_config){ 0 };
    *factors = NULL;
    if (read_architecture(c, f, e))
        return -1;
    a = c->architecture;
    if (read_sizes(c, a->sizes, f, e) || check_activation(a, f, e) || a->hf_read(c, f, e)
        || refuse_others(a, f, e)
        || json_bool_or(f, "tie_word_embeddings", a->files & DECODER_TIED, tied, e)
        || (c->positions == DECODER_ROTARY && decoder_rope_hf(c, factors, f, e)))
        return -1;
    if (a->files & DECODER_EMBEDS_SCALED)
        c->embed_factor = sqrt(c->width);
    return decoder_config_check(c, f->path, e);
}
