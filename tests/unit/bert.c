/* Sentence encoders and their tokenizer against what sentence-transformers and
 * transformers make of the same files (tests/fixtures/bert.py). */
#include "encoder_help.h"
#include "formats/json_file.h"
#include "nn/vecgelu.h"
#include "sbert/sentence_encoder.h"

#include <omp.h>
#include <string.h>
#include <unistd.h>

#define FIXTURES "tests/fixtures/"

static void to_texts(struct texts *t, const json_t *list)
{
    const json_t *v;
    size_t i;

    json_array_foreach (list, i, v)
        texts_add(t, json_string_value(v), json_string_length(v));
}

static void vectors_are_the_reference_s(void **state)
{
    struct json_file f;
    struct error e;
    const char *folder;
    json_t *entry;

    (void)state;
    assert_int_equal(json_open(&f, FIXTURES "bert/expected.json", &e), 0);
    assert_int_equal(json_object_size(f.root), 4);
    json_object_foreach (f.root, folder, entry) {
        char *path = mem_format(FIXTURES "%s", folder);
        sentence_encoder *s = sentence_encoder_open(path, NULL, 0, FROZEN_REAL, &e);
        struct texts texts = { 0 };
        float *out;

        if (!s)
            fail_msg("%s", e.text);
        to_texts(&texts, json_object_get(entry, "texts"));
        out =
            mem_new((size_t)texts.count * (size_t)sentence_encoder_width(s), sizeof *out);
        /* "the" 200 times and a long title are over every limit but mpnet's */
        assert_int_equal(sentence_encoder_encode(s, out, &texts, NULL, NULL, &e),
                         strstr(folder, "mpnet") ? 1 : 2);
        check_rows(out, json_object_get(entry, "vectors"), sentence_encoder_width(s),
                   folder);
        free(out);
        free(path);
        texts_free(&texts);
        sentence_encoder_free(s);
    }
    json_close(&f);
}

/* The vectors of a few texts by products of this precision, (texts, *width), to free. */
static float *encode_few(const char *folder, enum frozen_precision precision, int *texts,
                         int *width)
{
    struct texts t = { 0 };
    struct error e;
    sentence_encoder *s = sentence_encoder_open(folder, NULL, 0, precision, &e);
    float *out;

    if (!s)
        fail_msg("%s", e.text);
    for (int i = 0; i < 20; i++)
        texts_add(&t, "a toy of the story, 1995", (size_t)i + 4);
    *texts = (int)t.count;
    *width = sentence_encoder_width(s);
    out = mem_new((size_t)*texts * (size_t)*width, sizeof *out);
    assert_true(sentence_encoder_encode(s, out, &t, NULL, NULL, &e) >= 0);
    texts_free(&t);
    sentence_encoder_free(s);
    return out;
}

/* bfloat16 has 8 bits: a product's relative error is 2^-8 at most, and errors of hundreds
 * of products add up like a random walk, so that the angle stays small.  That the bits
 * differ shows that the precision reaches the products. */
static void bf16_is_near(void **state)
{
    static const char *const folders[] = { FIXTURES "tiny/MiniLM",
                                           FIXTURES "encoders/qwen3", NULL };

    (void)state;
    for (int f = 0; folders[f]; f++) {
        int texts, width;
        float *exact = encode_few(folders[f], FROZEN_REAL, &texts, &width);
        float *near = encode_few(folders[f], FROZEN_BF16, &texts, &width);
        size_t n = (size_t)texts * (size_t)width;

        assert_true(!frozen_available(FROZEN_BF16)
                    == !memcmp(exact, near, n * sizeof *exact));
        for (int i = 0; i < texts; i++) {
            const float *a = exact + (size_t)i * (size_t)width,
                        *b = near + (size_t)i * (size_t)width;
            double ab = 0, aa = 0, bb = 0;

            for (int j = 0; j < width; j++) {
                ab += (double)a[j] * b[j];
                aa += (double)a[j] * a[j];
                bb += (double)b[j] * b[j];
            }
            assert_true(ab / sqrt(aa * bb) > .999);
        }
        free(exact);
        free(near);
    }
}

/* More texts than a block has, of all lengths, on 1 and on 3 threads. */
static void threads_change_nothing(void **state)
{
    struct error e;
    sentence_encoder *s =
        sentence_encoder_open(FIXTURES "tiny/MiniLM", NULL, 0, FROZEN_REAL, &e);
    struct texts texts = { 0 };
    char text[400];
    size_t bytes;
    float *one, *three;

    (void)state;
    assert_non_null(s);
    for (int i = 0; i < 300; i++) {
        int n = 0;

        for (int k = 0; k < i * 7 % 41; k++)
            n += sprintf(text + n, "toy %d ", i + k);
        texts_add(&texts, text, (size_t)n);
    }
    bytes = (size_t)texts.count * (size_t)sentence_encoder_width(s) * sizeof *one;
    one = mem_new(bytes, 1);
    three = mem_new(bytes, 1);
    omp_set_num_threads(1);
    assert_true(sentence_encoder_encode(s, one, &texts, NULL, NULL, &e) >= 0);
    omp_set_num_threads(3);
    assert_true(sentence_encoder_encode(s, three, &texts, NULL, NULL, &e) >= 0);
    assert_memory_equal(one, three, bytes);
    free(one);
    free(three);
    texts_free(&texts);
    sentence_encoder_free(s);
}

static void check_tokens(const tokenizer *w, const json_t *cases, const char *config)
{
    struct token_list got = { 0 };
    const json_t *one;
    size_t i;

    json_array_foreach (cases, i, one)
        check_token_ids(w, &got, json_array_get(one, 0), json_array_get(one, 1), config);
    free(got.id);
}

/* tokenizer_config.json decides on case, accents and Chinese characters. */
static void tokens_are_the_reference_s(void **state)
{
    char *folder = temporary_folder(), *here = realpath(FIXTURES "tiny/MiniLM", NULL);
    char *from = file_join(here, "tokenizer.json"),
         *to = file_join(folder, "tokenizer.json");
    json_t *root = json_load_file(FIXTURES "bert/tokens.json", JSON_ALLOW_NUL, NULL);
    const json_t *setting;
    size_t i;

    (void)state;
    assert_int_equal(json_array_size(root), 4);
    assert_int_equal(symlink(from, to), 0);
    json_array_foreach (root, i, setting) {
        char *config = json_dumps(json_object_get(setting, "config"), 0);
        struct error e;
        tokenizer *w;

        temporary_text(folder, "tokenizer_config.json", config);
        w = tokenizer_open(folder, false, &e);
        if (!w)
            fail_msg("%s", e.text);
        assert_true(json_array_size(json_object_get(setting, "cases")) > 200);
        check_tokens(w, json_object_get(setting, "cases"), config);
        tokenizer_free(w);
        free(config);
    }
    json_decref(root);
    temporary_remove(folder);
    free(here);
    free(from);
    free(to);
}

static void vocab_txt_is_enough(void **state)
{
    const int want[] = { 2, 5, 6, 7, 1, 3 }; /* [CLS] toy ##s , [UNK] [SEP] */
    char *folder = temporary_folder();
    struct token_list got = { 0 };
    struct error e;
    tokenizer *w;

    (void)state;
    temporary_text(folder, "vocab.txt",
                   "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\ntoy\n##s\n,\n");
    w = tokenizer_open(folder, false, &e);
    assert_non_null(w);
    assert_int_equal(tokenizer_size(w), 8);
    assert_int_equal(tokenizer_encode(w, "TOYS, x, toy", 12, 6, &got), 8);
    assert_int_equal(got.n, 6);
    assert_memory_equal(got.id, want, sizeof want);
    assert_int_equal(tokenizer_encode(w, "a\xff", 2, 0, &got), -1);
    tokenizer_free(w);
    temporary_text(folder, "vocab.txt", "[PAD]\n[CLS]\n[SEP]\n");
    assert_null(tokenizer_open(folder, false, &e));
    assert_non_null(strstr(e.text, "no '[UNK]'"));
    free(got.id);
    temporary_remove(folder);
}

/* What vecgelu.h promises, against libm in double. */
static void gelu_is_within_its_bound(void **state)
{
    (void)state;
    for (float x = -15; x < 15; x += 1e-4f) {
        double want = 0.5 * x * erfc(-x * M_SQRT1_2);

        if (!(fabs(vec_gelu(x) - want) <= 8e-8 * (1 + fabs(x))))
            fail_msg("gelu(%g) is %.9g, expected %.9g", x, vec_gelu(x), want);
    }
    assert_true(vec_gelu(-100) == 0 || fabsf(vec_gelu(-100)) < 1e-36f);
    assert_true(vec_gelu(100) == 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_are_the_reference_s),
        cmocka_unit_test(bf16_is_near),
        cmocka_unit_test(threads_change_nothing),
        cmocka_unit_test(tokens_are_the_reference_s),
        cmocka_unit_test(vocab_txt_is_enough),
        cmocka_unit_test(gelu_is_within_its_bound),
    };

    return cmocka_run_group_tests_name("bert", tests, NULL, NULL);
}
