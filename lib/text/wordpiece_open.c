#include "text/wordpiece.h"

#include "formats/json_file.h"
#include "text/wordpiece_parts.h"
#include "util/file.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

#define WORD_MAX 100        /* the reference's max_input_chars_per_word */
#define ID_MAX (10 * 1000 * 1000)

/* The part of tokenizer.json under a key, to be read like a file; its path says
 * where it is.  Root is NULL where there is no such object. */
static struct json_file part(const struct json_file *f, const char *key)
{
    json_t *v = json_object_get(f->root, key);

    return (struct json_file){ mem_format("%s: %s", f->path, key),
                               json_is_object(v) ? json_incref(v) : NULL };
}

/* The "type" of a part must be the one that is built here. */
static int expect_type(const struct json_file *p, const char *expected, struct error *e)
{
    const char *type;

    if (!p->root)
        return fail(e, "%s: expected type %s, found none", p->path, expected);
    if (json_text_or(p, "type", expected, &type, e) < 0)
        return -1;
    if (strcmp(type, expected) != 0)
        return fail(e, "%s: expected type %s, found %s (only BERT's tokenizer is read)",
                    p->path, expected, type);
    return 0;
}

static int read_normalizer(wordpiece *w, const struct json_file *f, struct error *e)
{
    struct json_file p = part(f, "normalizer");
    struct bert_normalizer *n = &w->normalizer;
    int result = -1;

    if (expect_type(&p, "BertNormalizer", e) == 0 &&
        json_bool_or(&p, "clean_text", true, &n->clean_text, e) == 0 &&
        json_bool_or(&p, "handle_chinese_chars", true, &n->chinese_chars, e) == 0 &&
        json_bool_or(&p, "lowercase", true, &n->lowercase, e) == 0 &&
        json_bool_or(&p, "strip_accents", n->lowercase, &n->strip_accents, e) == 0)
        result = 0;
    json_close(&p);
    return result;
}

static int add_word(wordpiece *w, const char *path, const char *word, const json_t *id,
                    struct error *e)
{
    long number = json_whole(id, ID_MAX);

    if (number < 0)
        return fail(e, "%s: '%s': expected a token number from 0 to %d", path, word,
                    ID_MAX);
    vocab_add(&w->vocab, word, strlen(word), (int)number);
    return 0;
}

static int read_model(wordpiece *w, const struct json_file *f, struct error *e)
{
    struct json_file p = part(f, "model"), words;
    const char *unknown = NULL, *prefix = NULL, *word;
    json_t *id;
    int result = -1;

    if (expect_type(&p, "WordPiece", e) == 0 &&
        json_text_or(&p, "unk_token", "[UNK]", &unknown, e) == 0 &&
        json_text_or(&p, "continuing_subword_prefix", "##", &prefix, e) == 0 &&
        json_int_or(&p, "max_input_chars_per_word", 1, 1000 * 1000, WORD_MAX,
                    &w->word_max, e) == 0) {
        words = part(&p, "vocab");
        result = words.root ? 0 : fail(e, "%s: has no vocabulary", p.path);
        json_object_foreach (words.root, word, id)
            if (result == 0)
                result = add_word(w, words.path, word, id, e);
        json_close(&words);
        w->prefix = mem_string(prefix);
        w->unknown = vocab_find(&w->vocab, unknown, strlen(unknown));
        if (result == 0 && w->unknown < 0)
            result = fail(e, "%s: the vocabulary has no '%s'", p.path, unknown);
    }
    json_close(&p);
    return result;
}

static void add_special(wordpiece *w, const char *text, struct special_token s)
{
    if (runes_read(&s.text, text, strlen(text)) && s.text.n > 0)
        MEM_PUSH(w->special, w->specials, w->special_room, s);
}

static int read_special(wordpiece *w, const struct json_file *p, struct error *e)
{
    struct special_token s = { .id = 0 };
    const char *text;
    bool word;
    long id;

    if (json_int(p, "id", 0, ID_MAX, &id, e) < 0 ||
        json_text(p, "content", &text, e) < 0 ||
        json_bool_or(p, "lstrip", false, &s.lstrip, e) < 0 ||
        json_bool_or(p, "rstrip", false, &s.rstrip, e) < 0 ||
        json_bool_or(p, "normalized", false, &s.normalized, e) < 0 ||
        json_bool_or(p, "single_word", false, &word, e) < 0)
        return -1;
    if (word)
        return fail(e, "%s: '%s' asks for \"single_word\", which is not supported",
                    p->path, text);
    s.id = (int)id;
    add_special(w, text, s);
    return 0;
}

static int read_specials(wordpiece *w, const struct json_file *f, struct error *e)
{
    json_t *list = json_object_get(f->root, "added_tokens"), *v;
    size_t i;

    json_array_foreach (list, i, v) {
        struct json_file p = { mem_format("%s: added_tokens", f->path), json_incref(v) };
        int result = read_special(w, &p, e);

        json_close(&p);
        if (result < 0)
            return -1;
    }
    return 0;
}

/* A special token's id, from the added tokens or the vocabulary; -1 if none. */
static int token_id(const wordpiece *w, const char *text)
{
    struct runes r = { 0 };
    int id = vocab_find(&w->vocab, text, strlen(text));

    runes_read(&r, text, strlen(text));
    for (long i = 0; i < w->specials; i++)
        if (w->special[i].text.n == r.n &&
            memcmp(w->special[i].text.c, r.c, (size_t)r.n * sizeof *r.c) == 0)
            id = w->special[i].id;
    runes_free(&r);
    return id;
}

static int add_around(const wordpiece *w, struct token_list *list, const char *path,
                      const char *text, struct error *e)
{
    int id = text ? token_id(w, text) : -1;

    if (id < 0)
        return fail(e, "%s: no token '%s', which every text gets", path,
                    text ? text : "?");
    MEM_PUSH(list->id, list->n, list->room, id);
    return 0;
}

/* TemplateProcessing: "single" lists special tokens and the text's place. */
static int read_template(wordpiece *w, const struct json_file *p, struct error *e)
{
    struct token_list *list = &w->before;
    const json_t *v;
    size_t i;

    json_array_foreach (json_object_get(p->root, "single"), i, v) {
        json_t *token = json_object_get(v, "SpecialToken");
        const char *text = json_string_value(json_object_get(token, "id"));

        if (json_object_get(v, "Sequence"))
            list = &w->after;
        else if (add_around(w, list, p->path, text, e) < 0)
            return -1;
    }
    if (list == &w->before)
        return fail(e, "%s: \"single\" has no place for the text", p->path);
    return 0;
}

/* BertProcessing and RobertaProcessing: "cls": [TEXT, ID], "sep": [TEXT, ID]. */
static int read_pair(wordpiece *w, const struct json_file *p, struct error *e)
{
    const json_t *start = json_object_get(p->root, "cls");
    const json_t *end = json_object_get(p->root, "sep");

    if (add_around(w, &w->before, p->path, json_string_value(json_array_get(start, 0)),
                   e) < 0)
        return -1;
    return add_around(w, &w->after, p->path, json_string_value(json_array_get(end, 0)), e);
}

static int read_around(wordpiece *w, const struct json_file *f, struct error *e)
{
    struct json_file p = part(f, "post_processor");
    const char *type = json_string_value(json_object_get(p.root, "type"));
    int result;

    if (type && strcmp(type, "TemplateProcessing") == 0)
        result = read_template(w, &p, e);
    else if (type && (strcmp(type, "BertProcessing") == 0 ||
                      strcmp(type, "RobertaProcessing") == 0))
        result = read_pair(w, &p, e);
    else
        result = fail(e, "%s: expected TemplateProcessing or BertProcessing, found %s",
                      p.path, type ? type : "none");
    json_close(&p);
    return result;
}

static int read_json(wordpiece *w, const struct json_file *f, struct error *e)
{
    struct json_file p = part(f, "pre_tokenizer");
    int result = expect_type(&p, "BertPreTokenizer", e);

    json_close(&p);
    if (result < 0 || read_normalizer(w, f, e) < 0 || read_model(w, f, e) < 0 ||
        read_specials(w, f, e) < 0)
        return -1;
    return read_around(w, f, e);
}

/* vocab.txt: a word a line, numbered from 0. */
static int read_lines(wordpiece *w, const char *path, struct error *e)
{
    struct mapped m;
    const char *p, *end;
    size_t bytes;
    int id = 0;

    if (file_map(&m, path, e) < 0)
        return -1;
    if (!(p = file_text(&m, path, &bytes, e))) {
        file_unmap(&m);
        return -1;
    }
    end = p + bytes;
    while (p < end) {
        const char *line = memchr(p, '\n', (size_t)(end - p));
        size_t n = (size_t)((line ? line : end) - p);

        vocab_add(&w->vocab, p, n > 0 && p[n - 1] == '\r' ? n - 1 : n, id++);
        p = line ? line + 1 : end;
    }
    file_unmap(&m);
    return 0;
}

static int read_vocab_txt(wordpiece *w, const char *path, struct error *e)
{
    static const char *const names[] = { "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]" };

    w->normalizer = (struct bert_normalizer){ true, true, true, true,
                                              w->normalizer.lowercase_first };
    w->prefix = mem_string("##");
    w->word_max = WORD_MAX;
    if (read_lines(w, path, e) < 0)
        return -1;
    w->unknown = vocab_find(&w->vocab, "[UNK]", 5);
    if (w->unknown < 0)
        return fail(e, "%s: the vocabulary has no '[UNK]'", path);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        int id = vocab_find(&w->vocab, names[i], strlen(names[i]));

        if (id >= 0)
            add_special(w, names[i], (struct special_token){ .id = id });
    }
    if (add_around(w, &w->before, path, "[CLS]", e) < 0)
        return -1;
    return add_around(w, &w->after, path, "[SEP]", e);
}

static int read_words(wordpiece *w, const char *folder, struct error *e)
{
    char *json = file_join(folder, "tokenizer.json");
    char *text = file_join(folder, "vocab.txt");
    struct json_file f;
    int result;

    if (!file_exists(json) && !file_exists(text))
        result = fail(e, "%s: has no vocabulary (neither tokenizer.json nor vocab.txt)",
                      folder);
    else if (!file_exists(json))
        result = read_vocab_txt(w, text, e);
    else if ((result = json_open(&f, json, e)) == 0) {
        result = read_json(w, &f, e);
        json_close(&f);
    }
    free(json);
    free(text);
    return result;
}

/* tokenizer_config.json, where there is one, has the last word on these. */
static int read_settings(wordpiece *w, const char *folder, struct error *e)
{
    char *path = file_join(folder, "tokenizer_config.json");
    struct bert_normalizer *n = &w->normalizer;
    bool both = n->lowercase == n->strip_accents; /* accents follow the case */
    struct json_file f;
    int result = 0;

    if (file_exists(path) && (result = json_open(&f, path, e)) == 0) {
        if (json_bool_or(&f, "do_lower_case", n->lowercase, &n->lowercase, e) < 0 ||
            json_bool_or(&f, "strip_accents", both ? n->lowercase : n->strip_accents,
                         &n->strip_accents, e) < 0 ||
            json_bool_or(&f, "tokenize_chinese_chars", n->chinese_chars,
                         &n->chinese_chars, e) < 0)
            result = -1;
        json_close(&f);
    }
    free(path);
    return result;
}

wordpiece *wordpiece_open(const char *folder, bool lowercase_first, struct error *e)
{
    wordpiece *w = mem_new(1, sizeof *w);

    w->normalizer.lowercase_first = lowercase_first;
    if (read_words(w, folder, e) < 0 || read_settings(w, folder, e) < 0) {
        wordpiece_free(w);
        return NULL;
    }
    for (long i = 0; i < w->specials; i++)
        if (w->special[i].normalized)
            bert_normalize(&w->normalizer, &w->special[i].text);
    return w;
}

void wordpiece_free(wordpiece *w)
{
    if (!w)
        return;
    for (long i = 0; i < w->specials; i++)
        runes_free(&w->special[i].text);
    vocab_free(&w->vocab);
    free(w->special);
    free(w->before.id);
    free(w->after.id);
    free(w->prefix);
    free(w);
}
