/* SentencePiece's BPE, other cuts of text and added tokens that take their sides, against
 * Hugging Face's library and sentencepiece (tests/fixtures/pieces.py). */
#include "formats/gguf_write.h"
#include "temporary.h"
#include "text/bpe_files.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define PIECES "tests/fixtures/pieces/"

static struct bpe *from_folder(const char *name)
{
    struct error e = { "" };
    char *path = mem_format(PIECES "%s", name);
    struct bpe *t = bpe_from_folder(path, &e);

    if (!t)
        fail_msg("%s", e.text);
    free(path);
    return t;
}

static struct bpe *from_gguf(const char *path)
{
    struct error e = { "" };
    struct gguf *g = gguf_open(path, &e);
    struct bpe *t = g ? bpe_from_gguf(g, &e) : NULL;

    gguf_close(g);
    if (!t)
        fail_msg("%s: %s", path, e.text);
    return t;
}

static void expect_row(const struct bpe *t, const char *name, const json_t *row)
{
    const json_t *text = json_array_get(row, 0), *want = json_array_get(row, 1);
    size_t n = json_string_length(text);
    struct error e = { "" };
    int *ids, count = bpe_encode(t, json_string_value(text), n, &ids, &e);

    if (count < 0)
        fail_msg("%s", e.text);
    for (int i = 0; i < count || i < (int)json_array_size(want); i++) {
        int id = i < (int)json_array_size(want)
                     ? (int)json_integer_value(json_array_get(want, (size_t)i)) : -1;

        if (i >= count || ids[i] != id)
            fail_msg("%s: \"%s\": token %d is %d, expected %d (of %d and %zu)", name,
                     json_string_value(text), i, i < count ? ids[i] : -1, id, count,
                     json_array_size(want));
    }
    free(ids);
}

static void expect_rows(struct bpe *t, const char *name, const json_t *rows,
                        size_t least)
{
    const json_t *row;
    size_t i;

    assert_true(json_array_size(rows) >= least);
    json_array_foreach(rows, i, row)
        expect_row(t, name, row);
    bpe_free(t);
}

static void expect_all(struct bpe *t, const char *name, const char *file, size_t least)
{
    char *path = mem_format(PIECES "%s.json", file);
    json_t *rows = json_load_file(path, JSON_ALLOW_NUL, NULL);

    expect_rows(t, name, rows, least);
    json_decref(rows);
    free(path);
}

static void folders_equal_the_reference(void **state)
{
    const char *const name[] = { "llama2", "mistral", "gemma",  "nobytes",
                                 "tekken", "gpt4o",   "falcon", "deepseek" };

    (void)state;
    for (size_t i = 0; i < sizeof name / sizeof *name; i++)
        expect_all(from_folder(name[i]), name[i], name[i], 200);
}

static void scores_equal_sentencepiece(void **state)
{
    (void)state;
    expect_all(from_gguf(PIECES "llama2.gguf"), "llama2.gguf", "llama2", 200);
    expect_all(from_gguf(PIECES "llama2.gguf"), "llama2.gguf", "llama2-spm", 180);
    expect_all(from_gguf(PIECES "gemma.gguf"), "gemma.gguf", "gemma", 200);
}

static void added_tokens_take_their_sides(void **state)
{
    (void)state;
    expect_all(from_folder("sides"), "sides", "sides", 18);
}

/* Written as GGUF and read back. */
static struct bpe *through_gguf(struct bpe *t, const char *folder)
{
    struct gguf_writer *w = gguf_writer_new();
    char *path = file_join(folder, "m.gguf");
    struct error e = { "" };

    unlink(path); /* what was read is not written over */
    if (bpe_to_gguf(t, bpe_tokens(t), w, &e) < 0)
        fail_msg("%s", e.text);
    if (gguf_writer_begin(w, path, &e) < 0 || gguf_writer_commit(w, &e) < 0)
        fail_msg("%s", e.text);
    gguf_writer_free(w);
    bpe_free(t);
    t = from_gguf(path);
    free(path);
    return t;
}

static void gguf_says_the_same(void **state)
{
    const char *const name[] = { "llama2", "mistral", "gemma",
                                 "gpt4o",  "falcon",  "deepseek" };
    char *folder = temporary_folder();

    (void)state;
    for (size_t i = 0; i < sizeof name / sizeof *name; i++)
        expect_all(through_gguf(from_folder(name[i]), folder), name[i], name[i], 200);
    temporary_remove(folder);
}

/* The tokenizer of the fixture's merges that cuts in this way. */
static struct bpe *cut_as(const json_t *cut, const char *folder)
{
    static const char *const keys[] = { "normalizer", "pre_tokenizer" };
    json_t *all = json_load_file(PIECES "deepseek/tokenizer.json", 0, NULL);
    char *path = file_join(folder, "tokenizer.json");
    struct error e = { "" };
    struct bpe *t;

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        json_object_set(all, keys[i], json_object_get(cut, keys[i]));
    assert_int_equal(json_dump_file(all, path, 0), 0);
    t = bpe_from_folder(folder, &e);
    if (!t)
        fail_msg("%s", e.text);
    json_decref(all);
    free(path);
    return t;
}

/* Cuts of published models; those that have a name in GGUF files come back from there. */
static void published_cuts_equal_the_reference(void **state)
{
    json_t *cuts = json_load_file(PIECES "cuts.json", JSON_ALLOW_NUL, NULL), *cut;
    char *folder = temporary_folder();
    const char *name;
    int named = 0;

    (void)state;
    json_object_foreach(cuts, name, cut) {
        const json_t *rows = json_object_get(cut, "texts");
        struct error e;

        expect_rows(cut_as(cut, folder), name, rows, 100);
        if (!bpe_pre_find(name, &e))
            continue;
        expect_rows(through_gguf(cut_as(cut, folder), folder), name, rows, 100);
        named++;
    }
    assert_int_equal(named, 6);
    json_decref(cuts);
    temporary_remove(folder);
}

static int tokens_of(const struct bpe *t, const char *text, bool next, int ids[4])
{
    struct error e;
    int *list, n = next ? bpe_encode_next(t, text, strlen(text), &list, &e)
                        : bpe_encode(t, text, strlen(text), &list, &e);

    assert_in_range(n, 1, 4);
    memcpy(ids, list, (size_t)n * sizeof *ids);
    free(list);
    return n;
}

/* What goes on after another text has no space of its own. */
static void a_text_that_goes_on_has_no_space(void **state)
{
    struct bpe *t = from_folder("llama2");
    struct error e;
    int begins[4], goes_on[4], alone[4], n = tokens_of(t, "a", false, begins);
    char *text;

    (void)state;
    assert_int_equal(tokens_of(t, " a", true, goes_on), n);
    assert_memory_equal(begins, goes_on, (size_t)n * sizeof *begins);
    assert_int_equal(tokens_of(t, "a", true, alone), 1);
    assert_true(n != 1 || alone[0] != begins[0]);
    text = bpe_decode(t, begins, (size_t)n, NULL, &e);
    assert_string_equal(text, " a");
    free(text);
    bpe_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folders_equal_the_reference),
        cmocka_unit_test(scores_equal_sentencepiece),
        cmocka_unit_test(added_tokens_take_their_sides),
        cmocka_unit_test(gguf_says_the_same),
        cmocka_unit_test(published_cuts_equal_the_reference),
        cmocka_unit_test(a_text_that_goes_on_has_no_space),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
