#include "sbert/sentence_folder.h"

#include "formats/json_file.h"
#include "util/file.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

#define LENGTH_MAX (1 << 20)

/* The pooling's name in either of the two ways it is written: "pooling_mode":
 * NAME, or flags "pooling_mode_mean_tokens" and so on.  NULL and the reason. */
static const char *pooling_name(const struct json_file *f, struct error *e)
{
    static const struct {
        const char *flag, *name;
    } flags[] = {
        { "pooling_mode_cls_token", "cls" },
        { "pooling_mode_mean_tokens", "mean" },
        { "pooling_mode_max_tokens", "max" },
        { "pooling_mode_mean_sqrt_len_tokens", "mean_sqrt_len_tokens" },
        { "pooling_mode_weightedmean_tokens", "weightedmean" },
        { "pooling_mode_lasttoken", "lasttoken" },
    };
    const char *name = NULL;
    int set = 0;

    if (json_value(f, "pooling_mode"))
        return json_text(f, "pooling_mode", &name, e) < 0 ? NULL : name;
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        bool on;

        if (json_bool_or(f, flags[i].flag, false, &on, e) < 0)
            return NULL;
        name = on ? flags[i].name : name;
        set += on;
    }
    if (set == 1)
        return name;
    fail(e, "%s: expected one pooling mode, found %d", f->path, set);
    return NULL;
}

static int read_pooling(struct sentence_settings *s, const struct json_file *f,
                        struct error *e)
{
    const char *name = pooling_name(f, e);
    bool new_key = json_value(f, "embedding_dimension") != NULL;
    long width;

    if (!name ||
        json_int_or(f, new_key ? "embedding_dimension" : "word_embedding_dimension", 1,
                    LENGTH_MAX, 0, &width, e) < 0)
        return -1;
    s->width = (int)width;
    if (strcmp(name, "mean") == 0)
        s->pooling = POOL_MEAN;
    else if (strcmp(name, "cls") == 0)
        s->pooling = POOL_FIRST;
    else
        return fail(e, "%s: pooling \"%s\", expected mean or cls", f->path, name);
    return 0;
}

/* What follows the last dot: old and new packages differ in what precedes it. */
static const char *module_name(const char *type)
{
    const char *dot = strrchr(type, '.');

    return dot ? dot + 1 : type;
}

static int read_module(struct sentence_settings *s, const char *folder,
                       const struct json_file *m, int place, struct error *e)
{
    const char *type, *path;
    char *config, *at;
    struct json_file f;
    int result = -1;

    if (json_text(m, "type", &type, e) < 0 || json_text_or(m, "path", "", &path, e) < 0)
        return -1;
    type = module_name(type);
    at = *path ? file_join(folder, path) : mem_string(folder);
    if (place == 0 && strcmp(type, "Transformer") == 0) {
        free(s->transformer);
        s->transformer = mem_string(at);
        result = 0;
    } else if (place == 1 && strcmp(type, "Pooling") == 0) {
        config = file_join(at, "config.json");
        if (json_open(&f, config, e) == 0) {
            result = read_pooling(s, &f, e);
            json_close(&f);
        }
        free(config);
    } else if (place == 2 && strcmp(type, "Normalize") == 0) {
        s->normalize = true;
        result = 0;
    } else {
        fail(e, "%s: module %d is %s, expected Transformer, Pooling and perhaps "
                "Normalize", m->path, place, type);
    }
    free(at);
    return result;
}

static int read_modules(struct sentence_settings *s, const char *folder,
                        const struct json_file *f, struct error *e)
{
    json_t *v;
    size_t i;

    json_array_foreach (f->root, i, v) {
        struct json_file m = { f->path, v };

        if (!json_is_object(v))
            return fail(e, "%s: module %zu is no object", f->path, i);
        if (read_module(s, folder, &m, (int)i, e) < 0)
            return -1;
    }
    if (json_array_size(f->root) < 2)
        return fail(e, "%s: expected a list of a Transformer and a Pooling", f->path);
    return 0;
}

/* Reads folder/name with one of the functions below, if it is there. */
static int read_optional(struct sentence_settings *s, const char *folder, const char *name,
                         int (*read)(struct sentence_settings *, const struct json_file *,
                                     struct error *),
                         struct error *e)
{
    char *path = file_join(folder, name);
    struct json_file f;
    int result = 0;

    if (file_exists(path) && (result = json_open(&f, path, e)) == 0) {
        result = read(s, &f, e);
        json_close(&f);
    }
    free(path);
    return result;
}

static int read_lengths(struct sentence_settings *s, const struct json_file *f,
                        struct error *e)
{
    long length;

    if (json_int_or(f, "max_seq_length", 1, LENGTH_MAX, 0, &length, e) < 0)
        return -1;
    s->max_length = (int)length;
    return json_bool_or(f, "do_lower_case", false, &s->lowercase_first, e);
}

/* model_max_length is 1e30 where a tokenizer has no limit. */
static int read_tokenizer_length(struct sentence_settings *s, const struct json_file *f,
                                 struct error *e)
{
    double length;

    if (json_number_or(f, "model_max_length", 1, 1e300, 0, &length, e) < 0)
        return -1;
    if (s->max_length == 0 && length <= LENGTH_MAX)
        s->max_length = (int)length;
    return 0;
}

/* A default prompt would have to be put before every text. */
static int refuse_prompt(struct sentence_settings *s, const struct json_file *f,
                         struct error *e)
{
    const char *name;

    (void)s;
    if (json_text_or(f, "default_prompt_name", "", &name, e) < 0)
        return -1;
    if (*name)
        return fail(e, "%s: the model wants the prompt \"%s\" before every text, which is "
                       "not supported", f->path, name);
    return 0;
}

int sentence_settings_read(struct sentence_settings *s, const char *folder,
                           struct error *e)
{
    char *modules = file_join(folder, "modules.json");
    struct json_file f;
    int result = 0;

    *s = (struct sentence_settings){ .transformer = mem_string(folder) };
    if (file_exists(modules) && (result = json_open_any(&f, modules, e)) == 0) {
        result = read_modules(s, folder, &f, e);
        json_close(&f);
    }
    free(modules);
    if (result < 0 ||
        read_optional(s, s->transformer, "sentence_bert_config.json", read_lengths, e) < 0 ||
        read_optional(s, s->transformer, "tokenizer_config.json", read_tokenizer_length,
                      e) < 0)
        return -1;
    return read_optional(s, folder, "config_sentence_transformers.json", refuse_prompt, e);
}

void sentence_settings_free(struct sentence_settings *s)
{
    free(s->transformer);
}
