#include "sbert/sentence_folder.h"

#include "util/file.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LENGTH_MAX (1 << 20)

/* What follows the last dot: old and new packages differ in what precedes it. */
static const char *module_name(const char *type)
{
    const char *dot = strrchr(type, '.');

    return dot ? dot + 1 : type;
}

/* Is it the model itself?  By its name of 2019 that is also what kind of model. */
static bool is_transformer(struct sentence_settings *s, const char *type)
{
    static const char *const old[] = { "BERT", "RoBERTa", "DistilBERT", "XLMRoBERTa",
                                       "CamemBERT", "MPNet" };

    if (strcmp(type, "Transformer") == 0)
        return true;
    for (size_t i = 0; i < sizeof old / sizeof *old; i++)
        if (strcasecmp(type, old[i]) == 0) {
            free(s->hint);
            s->hint = mem_string(type);
            return true;
        }
    return false;
}

static int read_pooling(struct sentence_settings *s, const char *at, struct error *e)
{
    char *config = file_join(at, "config.json");
    struct json_file f;
    int result = json_open(&f, config, e);

    if (result == 0) {
        result = poolings_read(&s->pooling, &f, e);
        json_close(&f);
    }
    free(config);
    return result;
}

static int read_module(struct sentence_settings *s, const char *folder,
                       const struct json_file *m, int place, struct error *e)
{
    const char *type, *path;
    char *at;
    int result = -1;

    if (json_text(m, "type", &type, e) < 0 || json_text_or(m, "path", "", &path, e) < 0)
        return -1;
    type = module_name(type);
    at = *path ? file_join(folder, path) : mem_string(folder);
    if (place == 0 && is_transformer(s, type)) {
        free(s->transformer);
        s->transformer = mem_string(at);
        result = 0;
    } else if (place == 1 && strcmp(type, "Pooling") == 0)
        result = read_pooling(s, at, e);
    else if (place >= 2 && strcmp(type, "Dropout") == 0)
        result = 0; /* of training */
    else if (place < 2)
        fail(e, "%s: module %d is %.60s, expected Transformer, Pooling, and then perhaps "
                "Dense, Normalize or LayerNorm", m->path, place, type);
    else if ((result = sentence_steps_add(&s->steps, type, at, e)) < 0)
        fail_in(e, "%s: module %d", m->path, place);
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

/* Opens folder/name, if it is there: 1, 0 where there is no such file, or -1. */
static int open_optional(struct json_file *f, const char *folder, const char *name,
                         struct error *e)
{
    char *path = file_join(folder, name);
    int result = !file_exists(path) ? 0 : json_open(f, path, e) < 0 ? -1 : 1;

    free(path);
    return result;
}

static int read_length(struct sentence_settings *s, const struct json_file *f,
                       const char *key, struct error *e)
{
    double length;

    /* model_max_length is 1e30 where a tokenizer has no limit. */
    if (json_number_or(f, json_value(f, key) ? key : "max_len", 1, 1e300, 0, &length,
                       e) < 0)
        return -1;
    if (s->max_length == 0 && length <= LENGTH_MAX)
        s->max_length = (int)length;
    return 0;
}

static int read_sentence_config(struct sentence_settings *s, const struct json_file *f,
                                struct error *e)
{
    const char *task;

    if (read_length(s, f, "max_seq_length", e) < 0
        || json_bool_or(f, "do_lower_case", false, &s->lowercase_first, e) < 0
        || json_text_or(f, "transformer_task", "feature-extraction", &task, e) < 0)
        return -1;
    if (strcmp(task, "feature-extraction") != 0)
        return fail(e, "%s: \"transformer_task\" is \"%.60s\", expected "
                       "feature-extraction", f->path, task);
    return 0;
}

/* The first of the names that sentence-transformers has given its file. */
static int read_sentence_configs(struct sentence_settings *s, struct error *e)
{
    static const struct {
        const char *name, *hint;
    } files[] = {
        { "sentence_bert_config.json", NULL },
        { "sentence_roberta_config.json", "Roberta" },
        { "sentence_distilbert_config.json", "DistilBert" },
        { "sentence_camembert_config.json", "Camembert" },
        { "sentence_albert_config.json", NULL },
        { "sentence_xlm-roberta_config.json", "XLMRoberta" },
        { "sentence_xlnet_config.json", NULL },
    };
    int found = 0, result = 0;
    struct json_file f;

    for (size_t i = 0; found == 0 && i < sizeof files / sizeof *files; i++) {
        found = open_optional(&f, s->transformer, files[i].name, e);
        if (found > 0 && !s->hint && files[i].hint)
            s->hint = mem_string(files[i].hint);
    }
    if (found > 0) {
        result = read_sentence_config(s, &f, e);
        json_close(&f);
    }
    return found < 0 ? -1 : result;
}

static int read_tokenizer_length(struct sentence_settings *s, struct error *e)
{
    struct json_file f;
    int found = open_optional(&f, s->transformer, "tokenizer_config.json", e), result = 0;

    if (found > 0) {
        result = read_length(s, &f, "model_max_length", e);
        json_close(&f);
    }
    return found < 0 ? -1 : result;
}

/* "query, passage": the names of the prompts, free with free(). */
static char *prompt_names(json_t *prompts)
{
    char *list = mem_string("");
    const char *name;
    json_t *v;

    json_object_foreach (prompts, name, v) {
        char *longer = mem_format("%s%s%.60s", list, *list ? ", " : "", name);

        free(list);
        list = longer;
    }
    return list;
}

/* f->root NULL: the folder has no such file. */
static int find_prompt(struct sentence_settings *s, const struct json_file *f,
                       const char *name, struct error *e)
{
    json_t *prompts = json_object_get(f->root, "prompts");
    const json_t *text;
    char *names;

    if (!name)
        name = json_string_value(json_object_get(f->root, "default_prompt_name"));
    if (!name || !*name)
        return 0;
    text = json_object_get(prompts, name);
    if (json_is_string(text)) {
        free(s->prompt);
        s->prompt = mem_string(json_string_value(text));
        return 0;
    }
    names = prompt_names(prompts);
    fail(e, "%s: has no prompt \"%.60s\"%s%.200s", f->path, name,
         *names ? ", expected one of " : ", nor any other", names);
    free(names);
    return -1;
}

static int read_prompt(struct sentence_settings *s, const char *folder,
                       const char *prompt, struct error *e)
{
    struct json_file f = { (char *)folder, NULL };
    int found = open_optional(&f, folder, "config_sentence_transformers.json", e), result;
    long truncate = 0;

    if (found < 0)
        return -1;
    if (found == 0)
        return find_prompt(s, &(struct json_file){ (char *)folder, NULL }, prompt, e);
    result = json_int_or(&f, "truncate_dim", 1, LENGTH_MAX, 0, &truncate, e);
    if (result == 0)
        result = find_prompt(s, &f, prompt, e);
    s->truncate = (int)truncate;
    json_close(&f);
    return result;
}

int sentence_settings_read(struct sentence_settings *s, const char *folder,
                           const char *prompt, struct error *e)
{
    struct json_file f;
    char *modules = file_join(folder, "modules.json");
    int result = 0;

    *s = (struct sentence_settings){ .transformer = mem_string(folder),
                                     .prompt = mem_string("") };
    s->pooling = (struct poolings){ { POOL_MEAN }, 1, 0, true };
    if (file_exists(modules) && (result = json_open_any(&f, modules, e)) == 0) {
        result = read_modules(s, folder, &f, e);
        json_close(&f);
    }
    free(modules);
    if (result < 0 || read_sentence_configs(s, e) < 0 || read_tokenizer_length(s, e) < 0)
        return -1;
    return read_prompt(s, folder, prompt, e);
}

void sentence_settings_free(struct sentence_settings *s)
{
    free(s->transformer);
    free(s->hint);
    free(s->prompt);
    sentence_steps_free(&s->steps);
}
