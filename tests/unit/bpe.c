/* Byte-level BPE against Hugging Face's library (tests/fixtures/bpe.py). */
#include "text/bpe_files.h"
#include "util/mem.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define FIXTURES "tests/fixtures/"

static struct bpe *from_folder(const char *folder)
{
    struct error e = { "" };
    struct bpe *t = bpe_from_folder(folder, &e);

    if (!t)
        fail_msg("%s", e.text);
    return t;
}

static struct bpe *from_gguf(const char *path)
{
    struct error e = { "" };
    struct gguf *g = gguf_open(path, &e);
    struct bpe *t = g ? bpe_from_gguf(g, &e) : NULL;

    gguf_close(g);
    if (!t)
        fail_msg("%s", e.text);
    return t;
}

static void expect_ids(const struct bpe *t, const char *text, size_t n,
                       const json_t *expected)
{
    struct error e = { "" };
    int *ids, count = bpe_encode(t, text, n, &ids, &e);

    if (count < 0)
        fail_msg("%s", e.text);
    if ((size_t)count != json_array_size(expected))
        fail_msg("\"%s\": %d tokens, expected %zu", text, count,
                 json_array_size(expected));
    for (int i = 0; i < count; i++)
        if (ids[i] != json_integer_value(json_array_get(expected, (size_t)i)))
            fail_msg("\"%s\": token %d is %d, expected %d", text, i, ids[i],
                     (int)json_integer_value(json_array_get(expected, (size_t)i)));
    free(ids);
}

/* The bytes come back; where text is composed first, ids of the result do. */
static void expect_round_trip(const struct bpe *t, const char *text, size_t n,
                              bool composes)
{
    struct error e;
    int *ids, count = bpe_encode(t, text, n, &ids, &e);
    size_t size;
    char *back = bpe_decode(t, ids, (size_t)count, &size, &e);

    assert_non_null(back);
    if (!composes) {
        assert_int_equal(size, n);
        assert_memory_equal(back, text, n);
    }
    free(ids);
    free(back);
}

static void expect_all(struct bpe *t, const char *file, bool composes)
{
    json_t *rows = json_load_file(file, JSON_ALLOW_NUL, NULL), *row;
    size_t i;

    assert_true(json_array_size(rows) > 200);
    json_array_foreach(rows, i, row) {
        const json_t *text = json_array_get(row, 0);

        expect_ids(t, json_string_value(text), json_string_length(text),
                   json_array_get(row, 1));
        expect_round_trip(t, json_string_value(text), json_string_length(text), composes);
    }
    json_decref(rows);
    bpe_free(t);
}

static void smollm(void **state)
{
    (void)state;
    expect_all(from_folder(FIXTURES "tiny/llama"), FIXTURES "bpe/smollm.json", false);
    expect_all(from_gguf(FIXTURES "tiny/SmolLM2.gguf"), FIXTURES "bpe/smollm.json",
               false);
}

static void gpt2(void **state)
{
    (void)state;
    expect_all(from_folder(FIXTURES "bpe/gpt2"), FIXTURES "bpe/gpt2.json", false);
}

/* OPT's folders: with the start token, which the reference puts in front; from the
 * published models' files and from tokenizer.json. */
static void opt(void **state)
{
    const char *const folder[] = { FIXTURES "opt/before", FIXTURES "opt/after" };
    json_t *rows = json_load_file(FIXTURES "opt/tokens.json", JSON_ALLOW_NUL, NULL), *row;
    size_t i;

    (void)state;
    assert_true(json_array_size(rows) > 200);
    json_array_foreach(rows, i, row) {
        json_t *ids = json_array_get(row, 1);

        assert_int_equal(json_integer_value(json_array_get(ids, 0)), 2);
        json_array_remove(ids, 0);
    }
    for (int k = 0; k < 2; k++) {
        struct bpe *t = from_folder(folder[k]);

        assert_true(bpe_adds_bos(t));
        assert_int_equal(bpe_bos(t), 2);
        assert_int_equal(bpe_eos(t), 2);
        assert_true(bpe_is_special(t, 1) && bpe_is_special(t, 2));
        json_array_foreach(rows, i, row) {
            const json_t *text = json_array_get(row, 0);

            expect_ids(t, json_string_value(text), json_string_length(text),
                       json_array_get(row, 1));
        }
        bpe_free(t);
    }
    json_decref(rows);
}

static void llama3(void **state)
{
    (void)state;
    expect_all(from_folder(FIXTURES "bpe/llama3"), FIXTURES "bpe/llama3.json", false);
}

static void qwen2(void **state)
{
    (void)state;
    expect_all(from_folder(FIXTURES "bpe/qwen2"), FIXTURES "bpe/qwen2.json", true);
}

/* A tokenizer of a few tokens; the merges' order is their rank.  own: of BPE_OWN. */
static struct bpe *handmade_as(enum bpe_cut cut, const char *own, bool whole_pieces)
{
    static const char *const tokens[] = { "w", "x", "y",  "z",  "yz", "xy",
                                          "wx", "xyz", "wxyz", "1", "11", "1111",
                                          "<i>", "<i>x", "" };
    static const char *const merges[][2] = { { "y", "z" }, { "x", "y" },   { "w", "x" },
                                             { "x", "yz" }, { "1", "1" },
                                              { "11", "11" } };
    enum { TOKENS = sizeof tokens / sizeof *tokens,
           MERGES = sizeof merges / sizeof *merges };
    struct bpe_text token[TOKENS], merge[MERGES][2];
    enum bpe_kind kind[TOKENS] = { BPE_NORMAL };
    struct bpe_source s = { .tokens = TOKENS, .merges = MERGES, .token = token,
                            .kind = kind, .merge = (const struct bpe_text (*)[2])merge,
                            .cut = cut, .own = { own }, .whole_pieces = whole_pieces,
                            .bos = -1, .eos = -1 };
    struct error e = { "" };
    struct bpe *t;

    for (int i = TOKENS - 3; i < TOKENS; i++)
        kind[i] = BPE_ADDED;
    for (int i = 0; i < TOKENS; i++)
        token[i] = (struct bpe_text){ tokens[i], strlen(tokens[i]) };
    for (int i = 0; i < MERGES; i++)
        for (int k = 0; k < 2; k++)
            merge[i][k] = (struct bpe_text){ merges[i][k], strlen(merges[i][k]) };
    t = bpe_new(&s, &e);
    if (!t)
        fail_msg("%s", e.text);
    return t;
}

static struct bpe *handmade(enum bpe_cut cut, bool whole_pieces)
{
    return handmade_as(cut, NULL, whole_pieces);
}

/* The tokens of text as "wx|yz"; frees t. */
static void expect_tokens(struct bpe *t, const char *text, const char *expected)
{
    char found[256] = "";
    struct error e;
    int *ids, n = bpe_encode(t, text, strlen(text), &ids, &e);

    for (int i = 0; i < n; i++) {
        struct bpe_text token = bpe_token(t, ids[i]);
        size_t used = strlen(found);

        snprintf(found + used, sizeof found - used, "%s%.*s", i ? "|" : "",
                 (int)token.size, token.data);
    }
    assert_string_equal(found, expected);
    free(ids);
    bpe_free(t);
}

static void merges_go_by_rank(void **state)
{
    (void)state;
    /* x+y is seen first, but y is gone when its turn comes; x+yz comes after w+x. */
    expect_tokens(handmade(BPE_GPT2, false), "wxyz", "wx|yz");
    expect_tokens(handmade(BPE_GPT2, false), "xyzxyyz", "xyz|xy|yz");
    expect_tokens(handmade(BPE_GPT2, true), "wxyz", "wxyz");
    expect_tokens(handmade(BPE_GPT2, false), "?w?", "w"); /* no token: left out */
}

static void user_defined_tokens_come_first(void **state)
{
    (void)state;
    expect_tokens(handmade(BPE_GPT2, false), "<i>", "<i>");
    expect_tokens(handmade(BPE_GPT2, false), "xy<i>yz<i>", "xy|<i>|yz|<i>");
    expect_tokens(handmade(BPE_GPT2, false), "w<i>xyz", "w|<i>x|yz"); /* the longest */
    expect_tokens(handmade(BPE_GPT2, false), "<i<i>x", "<i>x"); /* "<" is no token here */
    expect_tokens(handmade(BPE_SMOLLM, false), "11<i>1", "1|1|<i>|1");
}

static void digits_are_cut(void **state)
{
    (void)state;
    expect_tokens(handmade(BPE_GPT2, false), "11111", "1111|1");
    expect_tokens(handmade(BPE_SMOLLM, false), "1111", "1|1|1|1");
    expect_tokens(handmade(BPE_LLAMA3, false), "11111", "11|1|11");
    expect_tokens(handmade(BPE_QWEN2, false), "11", "1|1");
}

/* As the reference, whose search goes on a character further. */
static void empty_matches_cut(void **state)
{
    (void)state;
    expect_tokens(handmade_as(BPE_OWN, "(?=[1y])", false), "xy11yz", "x|y|1|1|yz");
    expect_tokens(handmade_as(BPE_OWN, "(?:yz)*", false), "xyzyzw\u00e9", "x|yz|yz|w");
    expect_tokens(handmade_as(BPE_OWN, "$|\\b", false), "11", "11");
}

static void ends_of_a_text(void **state)
{
    struct bpe *t = from_gguf(FIXTURES "tiny/SmolLM2.gguf");

    (void)state;
    assert_int_equal(bpe_tokens(t), 600);
    assert_int_equal(bpe_bos(t), 1);
    assert_int_equal(bpe_eos(t), 2);
    assert_false(bpe_adds_bos(t));
    bpe_free(t);
    t = from_folder(FIXTURES "bpe/llama3");
    assert_int_equal(bpe_bos(t), 1);
    assert_true(bpe_adds_bos(t));
    bpe_free(t);
    t = from_folder(FIXTURES "bpe/gpt2");
    assert_int_equal(bpe_bos(t), 1);
    assert_int_equal(bpe_eos(t), 2);
    assert_true(bpe_adds_bos(t));
    assert_true(bpe_is_special(t, 2));
    bpe_free(t);
}

static void special_tokens_do_not_come_from_text(void **state)
{
    struct bpe *t = from_folder(FIXTURES "tiny/llama");
    struct error e;
    int *ids, n = bpe_encode(t, "<|im_end|>", 10, &ids, &e);
    const int both[] = { ids[0], 2, ids[1] };
    char *text;

    (void)state;
    assert_true(n > 1);
    for (int i = 0; i < n; i++)
        assert_false(bpe_is_special(t, ids[i]));
    free(ids);
    assert_int_equal(bpe_special(t, "<|im_end|>"), 2);
    assert_int_equal(bpe_special(t, "<|im_en"), -1);
    assert_int_equal(bpe_special(t, "a"), -1);
    assert_int_equal(bpe_token(t, 2).size, 10);
    text = bpe_decode(t, both, 3, NULL, &e);
    assert_string_equal(text, "<|");
    free(text);
    bpe_free(t);
}

static void refuses_what_is_no_text(void **state)
{
    struct bpe *t = from_folder(FIXTURES "tiny/llama");
    struct error e;
    int *ids;

    (void)state;
    assert_int_equal(bpe_encode(t, "ab\xff", 3, &ids, &e), -1);
    assert_string_equal(e.text, "byte 2 of the text (0xff) is not UTF-8");
    assert_int_equal(bpe_encode(t, "\xe4\xb8", 2, &ids, &e), -1);
    assert_int_equal(bpe_encode(t, "\xed\xa0\x80", 3, &ids, &e), -1);
    assert_null(bpe_decode(t, &(int){ 600 }, 1, NULL, &e));
    assert_string_equal(e.text, "token 600, expected 0 to 599");
    assert_null(bpe_decode(t, &(int){ -1 }, 1, NULL, &e));
    bpe_free(t);
}

/* Time must not grow with the square of a word's length. */
static void a_very_long_word(void **state)
{
    struct bpe *t = from_folder(FIXTURES "tiny/llama");
    size_t n = 1000 * 1000, size;
    char *word = mem_new(n, 1), *back;
    struct error e;
    int *ids, count;

    (void)state;
    for (size_t i = 0; i < n; i++)
        word[i] = "theandring"[i * i % 10];
    count = bpe_encode(t, word, n, &ids, &e);
    assert_true(count > 1000);
    back = bpe_decode(t, ids, (size_t)count, &size, &e);
    assert_int_equal(size, n);
    assert_memory_equal(back, word, n);
    free(back);
    free(ids);
    free(word);
    bpe_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(smollm),
        cmocka_unit_test(gpt2),
        cmocka_unit_test(opt),
        cmocka_unit_test(llama3),
        cmocka_unit_test(qwen2),
        cmocka_unit_test(merges_go_by_rank),
        cmocka_unit_test(user_defined_tokens_come_first),
        cmocka_unit_test(digits_are_cut),
        cmocka_unit_test(empty_matches_cut),
        cmocka_unit_test(ends_of_a_text),
        cmocka_unit_test(special_tokens_do_not_come_from_text),
        cmocka_unit_test(refuses_what_is_no_text),
        cmocka_unit_test(a_very_long_word),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
