/* The families of encoders and tokenizers beside BERT, poolings, modules and prompts, and
 * files of 2019, against sentence-transformers, transformers and tokenizers
 * (tests/fixtures/encoders.py). */
#include "encoder_help.h"
#include "formats/safetensors.h"
#include "sbert/sentence_encoder.h"
#include "text/charsmap.h"
#include "text/trie.h"

#include <string.h>
#include <unistd.h>

#define FIXTURES "tests/fixtures/encoders/"

static json_t *load(const char *name)
{
    char *path = mem_format(FIXTURES "%s", name);
    json_t *root = json_load_file(path, JSON_ALLOW_NUL, NULL);

    assert_non_null(root);
    free(path);
    return root;
}

static void check_vectors(const sentence_encoder *s, const json_t *list,
                          const json_t *rows, const char *what)
{
    int width = sentence_encoder_width(s);
    struct texts texts = { 0 };
    const json_t *v;
    struct error e;
    size_t i;
    float *out;

    json_array_foreach (list, i, v)
        texts_add(&texts, json_string_value(v), json_string_length(v));
    out = mem_new((size_t)texts.count * (size_t)width, sizeof *out);
    if (sentence_encoder_encode(s, out, &texts, NULL, NULL, &e) < 0)
        fail_msg("%s: %s", what, e.text);
    assert_int_equal(json_array_size(rows), texts.count);
    check_rows(out, rows, width, what);
    free(out);
    texts_free(&texts);
}

/* "FOLDER" or "FOLDER PROMPT"; the prompt "none" is none. */
static void vectors_are_the_reference_s(void **state)
{
    json_t *root = load("expected.json"), *entry;
    const char *name;

    (void)state;
    assert_int_equal(json_object_size(json_object_get(root, "folders")), 10);
    json_object_foreach (json_object_get(root, "folders"), name, entry) {
        size_t n = strcspn(name, " ");
        char *folder = mem_format(FIXTURES "%.*s", (int)n, name);
        const char *prompt = name[n] ? name + n + 1 : NULL;
        struct error e;
        sentence_encoder *s;

        if (prompt && strcmp(prompt, "none") == 0)
            prompt = "";
        s = sentence_encoder_open(folder, prompt, 0, FROZEN_REAL, &e);
        if (!s)
            fail_msg("%s", e.text);
        check_vectors(s, json_object_get(root, "texts"),
                      json_object_get(entry, "vectors"), name);
        sentence_encoder_free(s);
        free(folder);
    }
    json_decref(root);
}

static void check_tokens(const tokenizer *t, const json_t *texts, const json_t *rows,
                         const char *folder)
{
    struct token_list got = { 0 };
    const json_t *want;
    size_t i;

    json_array_foreach (rows, i, want)
        check_token_ids(t, &got, json_array_get(texts, i), want, folder);
    free(got.id);
}

static void tokens_are_the_reference_s(void **state)
{
    json_t *root = load("tokens.json"), *rows;
    const char *name;

    (void)state;
    assert_true(json_array_size(json_object_get(root, "texts")) > 250);
    json_object_foreach (json_object_get(root, "folders"), name, rows) {
        char *folder = mem_format(FIXTURES "%s%s", name,
                                  strcmp(name, "2019") == 0           ? "/0_BERT"
                                  : strcmp(name, "2019-roberta") == 0 ? "/0_RoBERTa"
                                                                      : "");
        struct error e;
        tokenizer *t = tokenizer_open(folder, false, &e);

        if (!t)
            fail_msg("%s", e.text);
        check_tokens(t, json_object_get(root, "texts"), rows, name);
        tokenizer_free(t);
        free(folder);
    }
    json_decref(root);
}

/* Opens a folder whose tensor k has the bytes `bad` in its middle, or, where double_too,
 * is of doubles, one of them too large for a float; it must be refused by the name. */
static void spoil(const char *folder, const struct safetensor *list, long n, long k,
                  const void *bad, bool double_too)
{
    struct safetensor *copy = mem_new((size_t)n, sizeof *copy);
    char *path = file_join(folder, "model.safetensors"), *new = file_join(folder, "new");
    unsigned char *data = mem_new((size_t)list[k].count, 8);
    struct error e = { "" };
    sentence_encoder *s;

    memcpy(copy, list, (size_t)n * sizeof *copy);
    memcpy(data, list[k].data, list[k].bytes);
    if (double_too) {
        copy[k].type = ST_F64;
        memset(data, 0, (size_t)list[k].count * 8);
        memcpy(data + list[k].count / 2 * 8, &(double){ 1e300 }, 8);
    } else {
        size_t size = list[k].bytes / (size_t)list[k].count;

        memcpy(data + (size_t)list[k].count / 2 * size, bad, size);
    }
    copy[k].data = data;
    if (safetensors_write(new, copy, n, &e) < 0) /* what was read is not written over */
        fail_msg("%s", e.text);
    assert_int_equal(rename(new, path), 0);
    s = sentence_encoder_open(folder, NULL, 0, FROZEN_REAL, &e);
    if (s || !strstr(e.text, list[k].name)
        || !strstr(e.text, double_too ? "beyond the range" : "not finite"))
        fail_msg("%s: %s", list[k].name, s ? "is taken" : e.text);
    free(copy);
    free(path);
    free(new);
    free(data);
}

static char *copy_of(const char *folder)
{
    char *to = temporary_folder();
    char *command = mem_format("cp -r " FIXTURES "%s/* '%s' && chmod -R u+w '%s'",
                               folder, to, to);
    assert_int_equal(system(command), 0);
    free(command);
    return to;
}

/* Every tensor of a model in F32, F16 and BF16, and one in F64. */
static void weights_that_are_not_finite_are_named(void **state)
{
    static const struct {
        const char *folder;
        unsigned char bad[4]; /* NaN, infinity, NaN; little-endian */
    } cases[] = {
        { "modernbert", { 0, 0, 0xc0, 0x7f } },
        { "xlm-roberta", { 0, 0xfc } },
        { "roberta", { 0xc0, 0x7f } },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *folder = copy_of(cases[i].folder);
        char *path = mem_format(FIXTURES "%s/model.safetensors", cases[i].folder);
        struct error e;
        safetensors *f = safetensors_open(path, &e);
        long n;

        assert_non_null(f);
        n = safetensors_count(f);
        assert_true(n > 20);
        for (long k = 0; k < n; k++)
            spoil(folder, safetensors_at(f, 0), n, k, cases[i].bad, false);
        spoil(folder, safetensors_at(f, 0), n, n - 1, NULL, true);
        safetensors_close(f);
        temporary_remove(folder);
        free(path);
    }
}

/* Finite weights, but what comes out of them is not. */
static void vectors_that_are_not_finite_are_refused(void **state)
{
    char *folder = copy_of("modernbert"), *path = file_join(folder, "model.safetensors");
    struct error e;
    safetensors *f = safetensors_open(FIXTURES "modernbert/model.safetensors", &e);
    struct safetensor list[64];
    struct texts texts = { 0 };
    float out[32], large[16];
    sentence_encoder *s;

    (void)state;
    assert_non_null(f);
    for (int j = 0; j < 16; j++)
        large[j] = 3e38f;
    for (long k = 0; k < safetensors_count(f); k++) {
        list[k] = *safetensors_at(f, k);
        if (strcmp(list[k].name, "embeddings.norm.weight") == 0)
            list[k].data = (const unsigned char *)large;
    }
    assert_int_equal(unlink(path), 0);
    if (safetensors_write(path, list, safetensors_count(f), &e) < 0)
        fail_msg("%s", e.text);
    s = sentence_encoder_open(folder, NULL, 0, FROZEN_REAL, &e);
    assert_non_null(s);
    texts_add(&texts, "toy", 3);
    texts_add(&texts, "story", 5);
    assert_int_equal(sentence_encoder_encode(s, out, &texts, NULL, NULL, &e), -1);
    assert_non_null(strstr(e.text, "the vector of text 0 is not finite"));
    sentence_encoder_free(s);
    texts_free(&texts);
    safetensors_close(f);
    temporary_remove(folder);
    free(path);
}

/* Each way by itself, said as newer files say it. */
static void poolings_are_the_reference_s(void **state)
{
    json_t *root = load("pooling.json"), *texts = load("expected.json"), *rows;
    char *folder = copy_of("2019"), *at = file_join(folder, "1_Pooling");
    const char *mode;

    (void)state;
    assert_int_equal(json_object_size(root), 6);
    json_object_foreach (root, mode, rows) {
        char *config = mem_format("{\"embedding_dimension\": 16, "
                                  "\"pooling_mode\": \"%s\"}",
                                  mode);
        struct error e;
        sentence_encoder *s;

        temporary_text(at, "config.json", config);
        if (!(s = sentence_encoder_open(folder, NULL, 0, FROZEN_REAL, &e)))
            fail_msg("%s", e.text);
        check_vectors(s, json_object_get(texts, "texts"), rows, mode);
        sentence_encoder_free(s);
        free(config);
    }
    temporary_remove(folder);
    free(at);
    json_decref(root);
    json_decref(texts);
}

/* More words than the table first has room for, one inside another. */
static void tries_find_what_was_added(void **state)
{
    struct trie t = { 0 };
    int32_t word[6] = { 0 };
    long n;

    (void)state;
    assert_int_equal(trie_find(&t, word, 0), -1);
    for (int i = 0; i < 5000; i++) {
        for (int k = 0; k < 6; k++)
            word[k] = 0x10ffff - i % (k * 7 + 11);
        trie_add(&t, word, 1 + i % 6, i);
    }
    for (int i = 0; i < 5000; i++) {
        for (int k = 0; k < 6; k++)
            word[k] = 0x10ffff - i % (k * 7 + 11);
        assert_int_equal(trie_find(&t, word, 1 + i % 6) % 6, i % 6);
    }
    trie_free(&t);
    trie_add(&t, (int32_t[]){ 'a' }, 1, 1);
    trie_add(&t, (int32_t[]){ 'a', 'b', 'c' }, 3, 3);
    assert_int_equal(trie_longest(&t, (int32_t[]){ 'a', 'b', 'd' }, 3, &n), 1);
    assert_int_equal(n, 1);
    assert_int_equal(trie_longest(&t, (int32_t[]){ 'a', 'b', 'c', 'd' }, 4, &n), 3);
    assert_int_equal(n, 3);
    assert_int_equal(trie_longest(&t, (int32_t[]){ 'b' }, 1, &n), -1);
    assert_int_equal(trie_find(&t, (int32_t[]){ 'a', 'b' }, 2), -1);
    trie_free(&t);
}

static void broken_maps_are_refused(void **state)
{
    static const char *const broken[] = {
        "", "A", "AAAA", "AAA=AAAA", "AAAAAAAAAAA=====", "!!!!", "//////////8=",
        "BAAAAA==", "BQAAAAAAAAAAAAAA", "BAAAAAAAAAA=",
    };

    (void)state;
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        struct charsmap m;
        struct error e = { "" };

        if (charsmap_read(&m, broken[i], &e) == 0)
            fail_msg("'%s' is taken for a map", broken[i]);
        assert_non_null(strstr(e.text, "map of characters"));
        charsmap_free(&m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_are_the_reference_s),
        cmocka_unit_test(tokens_are_the_reference_s),
        cmocka_unit_test(poolings_are_the_reference_s),
        cmocka_unit_test(weights_that_are_not_finite_are_named),
        cmocka_unit_test(vectors_that_are_not_finite_are_refused),
        cmocka_unit_test(tries_find_what_was_added),
        cmocka_unit_test(broken_maps_are_refused),
    };

    return cmocka_run_group_tests_name("encoders", tests, NULL, NULL);
}
