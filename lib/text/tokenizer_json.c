#include "text/tokenizer.h"

#include "text/bpe_files.h"
#include "text/tokenizer_parts.h"

#include <stdlib.h>
#include <string.h>

#define ID_MAX (10 * 1000 * 1000)

/* The part of tokenizer.json under a key, to be read like a file; its path says
 * where it is.  Root is NULL where there is no such object. */
static struct json_file part(const struct json_file *f, const char *key)
{
    json_t *v = json_object_get(f->root, key);

    return (struct json_file){ mem_format("%s: %s", f->path, key),
                               json_is_object(v) ? json_incref(v) : NULL };
}

/* "" where it has none. */
static const char *type_of(const json_t *v)
{
    const char *type = json_string_value(json_object_get(v, "type"));

    return type ? type : "";
}

static int read_metaspace(struct precut *p, const struct json_file *f, struct error *e)
{
    const char *mark, *scheme;
    struct runes r = { 0 };
    bool prefix;
    int result = 0;

    p->kind = PRECUT_METASPACE;
    if (json_text_or(f, "replacement", "\xe2\x96\x81", &mark, e) < 0
        || json_bool_or(f, "add_prefix_space", true, &prefix, e) < 0
        || json_text_or(f, "prepend_scheme", prefix ? "always" : "never", &scheme, e) < 0
        || json_bool_or(f, "split", true, &p->split, e) < 0)
        return -1;
    runes_read(&r, mark, strlen(mark));
    p->mark = r.n ? r.c[0] : 0;
    p->prepend = !strcmp(scheme, "always")  ? PREPEND_ALWAYS
                 : !strcmp(scheme, "first") ? PREPEND_FIRST
                                            : PREPEND_NEVER;
    if (r.n != 1 || (p->prepend == PREPEND_NEVER && strcmp(scheme, "never") != 0))
        result = fail(e, "%s: Metaspace has the mark \"%.20s\" and the prepend_scheme "
                         "\"%.20s\"", f->path, mark, scheme);
    runes_free(&r);
    return result;
}

static int read_precut(tokenizer *t, const char *path, json_t *v, struct error *e)
{
    const char *type = type_of(v);
    struct json_file f = { (char *)path, v };
    struct precut p = { 0 };
    json_t *one;
    size_t i;

    if (strcmp(type, "Sequence") == 0) {
        json_array_foreach (json_object_get(v, "pretokenizers"), i, one)
            if (read_precut(t, path, one, e) < 0)
                return -1;
        return 0;
    }
    if (strcmp(type, "BertPreTokenizer") == 0)
        p.kind = PRECUT_BERT;
    else if (strcmp(type, "WhitespaceSplit") == 0)
        p.kind = PRECUT_SPACES;
    else if (strcmp(type, "Metaspace") != 0)
        return fail(e, "%s: of type %.60s, which is not read here", path,
                    *type ? type : "none");
    else if (read_metaspace(&p, &f, e) < 0)
        return -1;
    /* the reference asks whether the word began the text before it was normalised */
    if (p.prepend == PREPEND_FIRST && normalizer_shortens(&t->normalizer))
        return fail(e, "%s: the prepend_scheme \"first\" behind a normalizer that takes "
                       "characters away", path);
    if (t->precuts == PRECUTS)
        return fail(e, "%s: more than %d steps", path, PRECUTS);
    t->precut[t->precuts++] = p;
    return 0;
}

/* Byte-level BPE cuts by itself: it gets the pre_tokenizer, less the blank that ByteLevel
 * puts before a text. */
static int read_bpe(tokenizer *t, const struct json_file *f, struct error *e)
{
    json_t *cut = json_deep_copy(json_object_get(f->root, "pre_tokenizer"));
    json_t *steps = json_object_get(cut, "pretokenizers"), *step, *parts;
    size_t i;

    t->prefix_space = json_is_true(json_object_get(cut, "add_prefix_space"));
    json_object_del(cut, "add_prefix_space");
    json_array_foreach (steps, i, step)
        if (strcmp(type_of(step), "ByteLevel") == 0 && i == 0) {
            t->prefix_space |= json_is_true(json_object_get(step, "add_prefix_space"));
            json_object_del(step, "add_prefix_space");
        }
    parts = json_pack("{s:O, s:o?}", "model", json_object_get(f->root, "model"),
                      "pre_tokenizer", cut);
    t->bpe = bpe_from_json(parts, e);
    json_decref(parts);
    return t->bpe ? 0 : fail_in(e, "%s", f->path);
}

/* Older files do not say the model's type. */
static const char *model_type(const json_t *model)
{
    const char *type = type_of(model);

    if (*type)
        return type;
    if (json_is_array(json_object_get(model, "vocab")))
        return "Unigram";
    return json_object_get(model, "merges") ? "BPE" : "WordPiece";
}

static int read_model(tokenizer *t, const struct json_file *f, struct error *e)
{
    struct json_file p = part(f, "model");
    const char *type = model_type(p.root);
    int result;

    if (!p.root)
        result = fail(e, "%s: is not there", p.path);
    else if (strcmp(type, "WordPiece") == 0) {
        t->model = MODEL_WORDPIECE;
        result = wordpiece_read(&t->wordpiece, &p, e);
    } else if (strcmp(type, "Unigram") == 0) {
        t->model = MODEL_UNIGRAM;
        result = unigram_read(&t->unigram, &p, e);
    } else if (strcmp(type, "BPE") == 0) {
        t->model = MODEL_BPE;
        result = read_bpe(t, f, e);
    } else
        result = fail(e, "%s: expected type WordPiece, Unigram or BPE, found %.60s",
                      p.path, type);
    json_close(&p);
    return result;
}

static int read_added(tokenizer *t, const struct json_file *p, struct error *e)
{
    struct added_token a = { .id = 0 };
    const char *text;
    bool word;
    long id;

    if (json_int(p, "id", 0, ID_MAX, &id, e) < 0
        || json_text(p, "content", &text, e) < 0
        || json_bool_or(p, "lstrip", false, &a.lstrip, e) < 0
        || json_bool_or(p, "rstrip", false, &a.rstrip, e) < 0
        || json_bool_or(p, "normalized", false, &a.normalized, e) < 0
        || json_bool_or(p, "single_word", false, &word, e) < 0)
        return -1;
    if (word)
        return fail(e, "%s: '%s' asks for \"single_word\", which is not supported",
                    p->path, text);
    a.id = (int)id;
    tokenizer_add(t, text, a);
    return 0;
}

static int read_all_added(tokenizer *t, const struct json_file *f, struct error *e)
{
    json_t *list = json_object_get(f->root, "added_tokens"), *v;
    size_t i;

    json_array_foreach (list, i, v) {
        struct json_file p = { mem_format("%s: added_tokens", f->path), json_incref(v) };
        int result = read_added(t, &p, e);

        json_close(&p);
        if (result < 0)
            return -1;
    }
    return 0;
}

/* TemplateProcessing: "single" lists special tokens and the text's place. */
static int read_template(tokenizer *t, const struct json_file *p, struct error *e)
{
    struct token_list *list = &t->before;
    const json_t *v;
    size_t i;

    json_array_foreach (json_object_get(p->root, "single"), i, v) {
        json_t *token = json_object_get(v, "SpecialToken");
        const char *text = json_string_value(json_object_get(token, "id"));

        if (json_object_get(v, "Sequence"))
            list = &t->after;
        else if (tokenizer_put_around(t, list, p->path, text, e) < 0)
            return -1;
    }
    if (list == &t->before)
        return fail(e, "%s: \"single\" has no place for the text", p->path);
    return 0;
}

/* BertProcessing and RobertaProcessing: "cls": [TEXT, ID], "sep": [TEXT, ID]. */
static int read_pair(tokenizer *t, const struct json_file *p, struct error *e)
{
    const json_t *start = json_object_get(p->root, "cls");
    const json_t *end = json_object_get(p->root, "sep");

    if (tokenizer_put_around(t, &t->before, p->path,
                             json_string_value(json_array_get(start, 0)), e) < 0)
        return -1;
    return tokenizer_put_around(t, &t->after, p->path,
                                json_string_value(json_array_get(end, 0)), e);
}

/* What stands around a text, by one step of the post_processor or several. */
static int read_around(tokenizer *t, const struct json_file *p, struct error *e)
{
    const char *type = type_of(p->root);
    json_t *step;
    size_t i;

    if (strcmp(type, "Sequence") == 0) {
        json_array_foreach (json_object_get(p->root, "processors"), i, step)
            if (read_around(t, &(struct json_file){ p->path, step }, e) < 0)
                return -1;
        return 0;
    }
    if (strcmp(type, "ByteLevel") == 0) /* says where tokens lie in the text */
        return 0;
    if (strcmp(type, "TemplateProcessing") == 0)
        return read_template(t, p, e);
    if (strcmp(type, "BertProcessing") == 0 || strcmp(type, "RobertaProcessing") == 0)
        return read_pair(t, p, e);
    return fail(e, "%s: expected TemplateProcessing, BertProcessing, RobertaProcessing, "
                   "ByteLevel or a Sequence of these, found %.60s", p->path,
                *type ? type : "none");
}

int tokenizer_read_json(tokenizer *t, const struct json_file *f, struct error *e)
{
    char *normalizer = mem_format("%s: normalizer", f->path);
    char *precut = mem_format("%s: pre_tokenizer", f->path);
    int result = read_model(t, f, e);

    if (result == 0)
        result = normalizer_read(&t->normalizer, normalizer,
                                 json_object_get(f->root, "normalizer"), e);
    if (result == 0 && t->model != MODEL_BPE)
        result = read_precut(t, precut, json_object_get(f->root, "pre_tokenizer"), e);
    if (result == 0)
        result = read_all_added(t, f, e);
    free(normalizer);
    free(precut);
    if (result == 0) {
        struct json_file p = part(f, "post_processor");

        result = read_around(t, &p, e);
        json_close(&p);
    }
    return result;
}
