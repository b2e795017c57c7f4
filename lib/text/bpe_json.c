#include "text/bpe_json.h"

#include "formats/json_file.h"

#include <limits.h>
#include <string.h>

#define SPLIT(numbers) \
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|" numbers \
    "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"

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

/* A missing use_regex means true. */
static bool is_byte_level(const json_t *step, bool regex)
{
    return is_type(step, "ByteLevel") && !is_true(step, "add_prefix_space") &&
           json_is_false(json_object_get(step, "use_regex")) == !regex;
}

static bool is_split(const json_t *step, const char *expression)
{
    return is_type(step, "Split") && !is_true(step, "invert") &&
           strcmp(text_of(step, "behavior"), "Isolated") == 0 &&
           strcmp(text_of(json_object_get(step, "pattern"), "Regex"), expression) == 0;
}

/* Which of our cuts a pre_tokenizer is, or -1. */
static int cut_of(const json_t *pre)
{
    const json_t *steps = json_object_get(pre, "pretokenizers");
    const json_t *first = json_array_get(steps, 0), *second = json_array_get(steps, 1);

    if (is_byte_level(pre, true))
        return BPE_GPT2;
    if (!is_type(pre, "Sequence") || json_array_size(steps) != 2)
        return -1;
    if (is_type(first, "Digits") && is_true(first, "individual_digits"))
        return is_byte_level(second, true) ? BPE_SMOLLM : -1;
    if (!is_byte_level(second, false))
        return -1;
    if (is_split(first, SPLIT("\\p{N}{1,3}")))
        return BPE_LLAMA3;
    return is_split(first, SPLIT("\\p{N}")) ? BPE_QWEN2 : -1;
}

static int read_cut(const json_t *root, struct bpe_source *s, struct error *e)
{
    const json_t *pre = json_object_get(root, "pre_tokenizer");
    int cut = cut_of(pre);

    if (cut < 0)
        return fail(e, "pre_tokenizer of type \"%s\" cuts text in a way not known here, "
                    "expected that of GPT-2, SmolLM, Llama 3 or Qwen 2",
                    text_of(pre, "type"));
    s->cut = (enum bpe_cut)cut;
    return 0;
}

static int read_normalizer(const json_t *root, struct bpe_source *s, struct error *e)
{
    const json_t *n = json_object_get(root, "normalizer");

    s->compose = is_type(n, "NFC");
    if (n && !json_is_null(n) && !s->compose)
        return fail(e, "normalizer \"%s\", expected none or NFC", text_of(n, "type"));
    return 0;
}

static int read_model(const json_t *root, struct bpe_source *s, struct error *e)
{
    static const char *const plain[] = { "continuing_subword_prefix",
                                         "end_of_word_suffix", "unk_token" };
    const json_t *m = json_object_get(root, "model");

    if (!is_type(m, "BPE"))
        return fail(e, "model of type \"%s\", expected \"BPE\"", text_of(m, "type"));
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (*text_of(m, plain[i]))
            return fail(e, "model.%s is \"%s\", expected none", plain[i],
                        text_of(m, plain[i]));
    if (is_true(m, "byte_fallback") || json_number_value(json_object_get(m, "dropout")) > 0)
        return fail(e, "model with byte_fallback or dropout, which is not supported");
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
    if (read_model(tokenizer, s, e) < 0 || read_normalizer(tokenizer, s, e) < 0 ||
        read_cut(tokenizer, s, e) < 0)
        return -1;
    return read_processors(tokenizer, s, e);
}
