#include "text/bpe_json.h"

#include "formats/json_file.h"

#include <limits.h>
#include <string.h>

#define BLOCK "\xe2\x96\x81" /* U+2581, SentencePiece's space */

/* "" where there is no such string. */
static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : "";
}

static bool is_type(const json_t *object, const char *type)
{
    return strcmp(text_of(object, "type"), type) == 0;
}

static bool is_true(const json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}

static bool is_text(const json_t *object, const char *key, const char *text)
{
    return strcmp(text_of(object, key), text) == 0;
}

/* What a pre_tokenizer's steps come to. */
struct steps {
    const char *expression[BPE_STAGES];
    int n;
    bool bytes; /* has there been a ByteLevel? */
};

#define MARKS "[!-/:-@\\[-`{-~\\p{P}]"

/* The expression whose matches a step makes pieces of their own, or NULL. */
static const char *expression_of(const json_t *step)
{
    const char *own = text_of(json_object_get(step, "pattern"), "Regex");
    const char *known[BPE_STAGES] = { own };
    bool whole = is_text(step, "behavior", "Removed") && is_true(step, "invert");

    if (is_type(step, "ByteLevel"))
        return bpe_cut_gpt2();
    if (is_type(step, "Digits"))
        return is_true(step, "individual_digits") ? "\\p{N}" : "\\p{N}+";
    if (is_type(step, "Punctuation"))
        return is_text(step, "behavior", "Contiguous") ? MARKS "+"
               : !*text_of(step, "behavior") || is_text(step, "behavior", "Isolated")
                   ? MARKS
                   : NULL;
    if (!is_type(step, "Split") || !*own)
        return NULL;
    if (whole) /* nothing lies between the matches of those that are known */
        return bpe_cut_of(known) != BPE_OWN ? own : NULL;
    return is_text(step, "behavior", "Isolated") && !is_true(step, "invert") ? own : NULL;
}

/* What a step behind ByteLevel sees is no longer the text; digits are what they were. */
static bool sees_digits_alone(const char *expression)
{
    return strspn(expression, "[]0123456789-") == strlen(expression);
}

static int add_step(struct steps *s, const json_t *step, struct error *e)
{
    bool bytes = is_type(step, "ByteLevel");
    const char *expression;

    if (bytes && is_true(step, "add_prefix_space"))
        return fail(e, "pre_tokenizer puts a space before texts, which is not supported");
    if (bytes && json_is_false(json_object_get(step, "use_regex"))) { /* missing: true */
        s->bytes = true;
        return 0;
    }
    expression = expression_of(step);
    if (!expression || s->n == BPE_STAGES
        || (s->bytes && (bytes || !sees_digits_alone(expression))))
        return fail(e, "pre_tokenizer's step \"%.40s\" cuts text in a way not known here",
                    text_of(step, "type"));
    s->expression[s->n++] = expression;
    s->bytes |= bytes;
    return 0;
}

static int add_steps(struct steps *s, const json_t *pre, struct error *e)
{
    const json_t *step;
    size_t i;

    if (!is_type(pre, "Sequence"))
        return add_step(s, pre, e);
    json_array_foreach(json_object_get(pre, "pretokenizers"), i, step)
        if (add_step(s, step, e) < 0)
            return -1;
    return 0;
}

/* SentencePiece's kind: Metaspace, or nothing. */
static int read_metaspace(const json_t *pre, struct bpe_source *s, struct error *e)
{
    const char *scheme = text_of(pre, "prepend_scheme");
    const json_t *split = json_object_get(pre, "split");

    if (!pre || json_is_null(pre))
        return 0;
    if (is_type(pre, "Split")
        && strcmp(text_of(json_object_get(pre, "pattern"), "String"), " ") == 0)
        return 0; /* the normalizer has left no space */
    if (!is_type(pre, "Metaspace") || !is_text(pre, "replacement", BLOCK))
        return fail(e,
                    "pre_tokenizer of type \"%s\": expected \"Metaspace\" or none beside "
                    "byte_fallback",
                    text_of(pre, "type"));
    if (!*scheme)
        scheme = json_is_false(json_object_get(pre, "add_prefix_space")) ? "never"
                                                                         : "always";
    s->space = strcmp(scheme, "never") == 0   ? BPE_NO_SPACE
               : strcmp(scheme, "first") == 0 ? BPE_SPACE_FIRST
                                              : BPE_SPACE_EVERY;
    s->space_once = true;
    if (!json_is_false(split))
        s->own[0] = "\\x20[^\\x20]*"; /* a piece begins with each space */
    return 0;
}

static int read_cut(const json_t *root, struct bpe_source *s, struct error *e)
{
    const json_t *pre = json_object_get(root, "pre_tokenizer");
    struct steps steps = { .n = 0 };

    s->cut = BPE_OWN;
    if (s->pieces)
        return read_metaspace(pre, s, e);
    if (add_steps(&steps, pre, e) < 0)
        return -1;
    if (!steps.bytes)
        return fail(e, "pre_tokenizer of type \"%s\" has no step ByteLevel",
                    text_of(pre, "type"));
    for (int i = 0; i < steps.n; i++)
        s->own[i] = steps.expression[i];
    s->cut = bpe_cut_of(s->own);
    return 0;
}

static bool is_replace(const json_t *step)
{
    return is_type(step, "Replace") && is_text(step, "content", BLOCK)
           && strcmp(text_of(json_object_get(step, "pattern"), "String"), " ") == 0;
}

static int read_normalizer(const json_t *n, struct bpe_source *s, struct error *e)
{
    const json_t *step;
    size_t i;

    if (!n || json_is_null(n))
        return 0;
    if (is_type(n, "NFC")) {
        s->compose = true;
    } else if (is_replace(n)) {
        s->pieces = true;
    } else if (is_type(n, "Prepend") && is_text(n, "prepend", BLOCK)) {
        s->space = BPE_SPACE_EVERY;
    } else if (is_type(n, "Sequence")) {
        json_array_foreach(json_object_get(n, "normalizers"), i, step)
            if (read_normalizer(step, s, e) < 0)
                return -1;
    } else {
        return fail(e, "normalizer \"%s\", expected none, NFC or SentencePiece's spaces",
                    text_of(n, "type"));
    }
    return 0;
}

static int read_model(const json_t *root, struct bpe_source *s, struct error *e)
{
    static const char *const plain[] = { "continuing_subword_prefix",
                                         "end_of_word_suffix" };
    const json_t *m = json_object_get(root, "model");

    if (!is_type(m, "BPE"))
        return fail(e, "model of type \"%s\", expected \"BPE\"", text_of(m, "type"));
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (*text_of(m, plain[i]))
            return fail(e, "model.%s is \"%s\", expected none", plain[i],
                        text_of(m, plain[i]));
    if (json_number_value(json_object_get(m, "dropout")) > 0)
        return fail(e, "model with dropout, which is not supported");
    if (!s->pieces && (is_true(m, "byte_fallback") || *text_of(m, "unk_token")))
        return fail(e, "model with byte_fallback or unk_token, but not SentencePiece's "
                    "spaces: not supported");
    s->fuse_unknown = is_true(m, "fuse_unk");
    s->whole_pieces = is_true(m, "ignore_merges");
    return 0;
}

/* The start token of a template: what stands before its sequence.  What follows
 * the sequence is not asked for here. */
static int read_template(const json_t *p, struct bpe_source *s, struct error *e)
{
    const json_t *single = json_object_get(p, "single");
    const json_t *first = json_array_get(single, 0), *ids;
    const char *name = text_of(json_object_get(first, "SpecialToken"), "id");
    long id;

    if (json_object_get(first, "Sequence"))
        return 0;
    ids = json_object_get(
        json_object_get(json_object_get(p, "special_tokens"), name), "ids");
    id = json_whole(json_array_get(ids, 0), INT_MAX);
    if (id < 0 || json_array_size(ids) != 1 ||
        !json_object_get(json_array_get(single, 1), "Sequence"))
        return fail(e, "post_processor: expected a template of at most one start token "
                    "before the text");
    s->add_bos = true;
    s->bos = (int)id;
    return 0;
}

static int read_processor(const json_t *p, struct bpe_source *s, struct error *e)
{
    if (!p || json_is_null(p) || is_type(p, "ByteLevel"))
        return 0;
    if (is_type(p, "TemplateProcessing"))
        return read_template(p, s, e);
    return fail(e, "post_processor of type \"%s\", expected none, ByteLevel or "
                "TemplateProcessing", text_of(p, "type"));
}

static int read_processors(const json_t *root, struct bpe_source *s, struct error *e)
{
    const json_t *p = json_object_get(root, "post_processor"), *list, *step;
    size_t i;

    if (!is_type(p, "Sequence"))
        return read_processor(p, s, e);
    list = json_object_get(p, "processors");
    json_array_foreach(list, i, step)
        if (read_processor(step, s, e) < 0)
            return -1;
    return 0;
}

int bpe_json_settings(const json_t *tokenizer, struct bpe_source *s, struct error *e)
{
    if (read_normalizer(json_object_get(tokenizer, "normalizer"), s, e) < 0)
        return -1;
    s->pieces |= is_type(json_object_get(tokenizer, "pre_tokenizer"), "Metaspace");
    if (read_model(tokenizer, s, e) < 0 || read_cut(tokenizer, s, e) < 0)
        return -1;
    return read_processors(tokenizer, s, e);
}
