/* Tokenizer files that are read in part, or refused. */
#include "temporary.h"
#include "text/bpe_files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FIXTURES "tests/fixtures/"

/* A folder whose tokenizer.json is the text; the reason of its refusal. */
static void json_refused(const char *text, const char *expected)
{
    char *folder = temporary_folder();
    struct error e = { "" };

    temporary_text(folder, "tokenizer.json", text);
    assert_null(bpe_from_folder(folder, &e));
    temporary_remove(folder);
    if (!strstr(e.text, expected))
        fail_msg("%s: \"%s\" expected", e.text, expected);
}

static const char *const list_files[] = { "vocab.json", "merges.txt",
                                          "tokenizer_config.json",
                                          "special_tokens_map.json" };
enum { LIST_FILES = sizeof list_files / sizeof *list_files };

/* A tokenizer from a folder with these texts (NULL: no such file), or its reason in e. */
static struct bpe *from_texts(const char *const text[LIST_FILES], struct error *e)
{
    char *folder = temporary_folder();
    struct bpe *t;

    for (int i = 0; i < LIST_FILES; i++)
        if (text[i])
            temporary_text(folder, list_files[i], text[i]);
    t = bpe_from_folder(folder, e);
    temporary_remove(folder);
    return t;
}

static void lists_name_their_special_tokens(void **state)
{
    const char *vocab = "{\"a\": 0, \"</s>\": 1, \"<pad>\": 2}";
    const char *map = "{\"bos_token\": {\"content\": \"</s>\"}, \"eos_token\": "
                      "\"</s>\"}";
    const char *config = "{\"model_max_length\": 1000000000000000019884624838656, "
                         "\"add_bos_token\": true, \"added_tokens_decoder\": "
                         "{\"3\": {\"content\": \"<x>\", \"special\": true}}}";
    struct error e = { "" };
    struct bpe *t = from_texts((const char *const[]){ vocab, "", config, map }, &e);

    (void)state;
    if (!t)
        fail_msg("%s", e.text);
    assert_int_equal(bpe_bos(t), 1);
    assert_int_equal(bpe_eos(t), 1);
    assert_true(bpe_adds_bos(t));
    assert_int_equal(bpe_tokens(t), 4);
    assert_int_equal(bpe_special(t, "<x>"), 3);
    bpe_free(t);
    t = from_texts((const char *const[]){ vocab, "", NULL, map }, &e);
    assert_non_null(t);
    assert_false(bpe_adds_bos(t));
    bpe_free(t);
}

#define LEVEL "\"pre_tokenizer\":{\"type\":\"ByteLevel\",\"add_prefix_space\":false}"

/* Numbers that are not needed and fit no integer make all of the file's numbers reals. */
static void numbers_of_any_size(void **state)
{
    char *folder = temporary_folder();
    struct error e = { "" };
    struct bpe *t;

    (void)state;
    temporary_text(folder, "tokenizer.json",
                   "{\"truncation\":{\"max_length\":1000000000000000019884624838656},"
                   "\"added_tokens\":[{\"id\":2,\"content\":\"<x>\",\"special\":true}],"
                   LEVEL ",\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0,\"b\":1},"
                   "\"merges\":[]}}");
    t = bpe_from_folder(folder, &e);
    if (!t)
        fail_msg("%s", e.text);
    assert_int_equal(bpe_tokens(t), 3);
    assert_int_equal(bpe_special(t, "<x>"), 2);
    bpe_free(t);
    temporary_remove(folder);
}

static void lists_that_are_none(void **state)
{
    const struct {
        const char *text[LIST_FILES], *says;
    } wrong[] = {
        { { "[1]", "" }, "vocab.json: no vocabulary" },
        { { "{\"a\": 0", "" }, "vocab.json: line 1" },
        { { "{\"a\": 0.5}", "" }, "token \"a\": its id is no number" },
        { { "{\"a\": 0, \"b\": \"x\"}", "" }, "token \"b\": its id is no number" },
        { { "{\"a\": 1e30}", "" }, "token \"a\": its id is no number" },
        { { "{\"a\": 0}", NULL }, "merges.txt" },
        { { "{\"a\": 0}", "#version: 0.2\nab\n" }, "merges.txt: merge 0 is not two" },
        { { "{\"a\": 0}", "a b\n" }, "merge 0: \"a b\" is not of two tokens" },
        { { "{\"a\": 0}", "", "[]" }, "tokenizer_config.json: expected an object" },
        { { "{\"a\": 0}", "", NULL, "3" }, "special_tokens_map.json" },
        { { "{\"a\": 0}", "", "{\"added_tokens_decoder\": {\"x\": {\"content\": "
            "\"y\"}}}" }, "added_tokens_decoder: \"x\"" },
        { { NULL, "" }, "neither tokenizer.json nor vocab.json" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct error e = { "" };

        assert_null(from_texts(wrong[i].text, &e));
        if (!strstr(e.text, wrong[i].says))
            fail_msg("%s: \"%s\" expected", e.text, wrong[i].says);
    }
}

/* As some editors save it. */
static void a_byte_order_mark_is_taken_off(void **state)
{
    const char *const text[LIST_FILES] = { "\xef\xbb\xbf{\"a\": 0,\r\n\"b\": 1}\r\n",
                                           "\xef\xbb\xbf#version: 0.2\r\n" };
    struct error e = { "" };
    struct bpe *t = from_texts(text, &e);

    (void)state;
    if (!t)
        fail_msg("%s", e.text);
    assert_int_equal(bpe_tokens(t), 2);
    bpe_free(t);
}

#define MODEL(vocab, merges) "{" LEVEL ",\"model\":{\"type\":\"BPE\",\"vocab\":" vocab \
                             ",\"merges\":" merges "}}"

#define CUT(expression) "{\"pre_tokenizer\":{\"type\":\"Sequence\",\"pretokenizers\":[" \
    "{\"type\":\"Split\",\"pattern\":{\"Regex\":\"" expression "\"}," \
    "\"behavior\":\"Isolated\",\"invert\":false}," \
    "{\"type\":\"ByteLevel\",\"add_prefix_space\":false}]}," \
    "\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0},\"merges\":[]}}"

static void other_tokenizers(void **state)
{
    struct error e = { "" };

    (void)state;
    json_refused("{", "tokenizer.json: line 1: ");
    json_refused("[]", "model of type \"\", expected \"BPE\"");
    json_refused("{\"model\":{\"type\":\"Unigram\"}}",
                 "model of type \"Unigram\", expected \"BPE\"");
    json_refused("{\"model\":{\"type\":\"BPE\",\"end_of_word_suffix\":\"</w>\"}}",
                 "model.end_of_word_suffix is \"</w>\", expected none");
    json_refused("{\"model\":{\"type\":\"BPE\"},\"normalizer\":{\"type\":\"Lowercase\"}}",
                 "normalizer \"Lowercase\", expected none, NFC");
    json_refused("{\"model\":{\"type\":\"BPE\"},"
                 "\"pre_tokenizer\":{\"type\":\"Metaspace\"}}",
                 "pre_tokenizer of type \"Metaspace\"");
    json_refused(MODEL("{}", "[]"), "no vocabulary");
    json_refused(MODEL("{\"a\":0}", "3"), "no merges");
    json_refused(MODEL("{\"a\":0,\"b\":0}", "[]"), "id 0 is given twice");
    json_refused(MODEL("{\"a\":-1}", "[]"), "its id is no number from 0");
    json_refused(MODEL("{\"a\":4000000000}", "[]"), "its id is no number from 0");
    json_refused(MODEL("{\"a\":\"x\"}", "[]"), "its id is no number from 0");
    json_refused(MODEL("{\"a\":0}", "[\"aa\"]"), "merge 0 is not two tokens");
    json_refused(MODEL("{\"a\":0}", "[[\"a\",3]]"), "merge 0 is not two tokens");
    json_refused(MODEL("{\"a\":0}", "[\"a a\"]"),
                 "merge 0: \"a a\" is not of two tokens that make a third");
    json_refused("{" LEVEL ",\"model\":{\"type\":\"BPE\"},"
                 "\"post_processor\":{\"type\":\"BertProcessing\"}}",
                 "post_processor of type \"BertProcessing\"");
    assert_null(bpe_from_folder(FIXTURES "gguf_files", &e));
    assert_string_equal(e.text, FIXTURES "gguf_files: neither tokenizer.json nor "
                                         "vocab.json");
    assert_null(bpe_pre_find("viking", &e));
    assert_non_null(strstr(e.text, "text is cut as \"viking\", expected gpt-2, smollm, "
                                   "llama-bpe, qwen2, qwen35, tekken"));
    json_refused(CUT("[\\\\p{L}&&[^\\\\p{Han}]]+"), "it means something else here");
    json_refused(CUT("[^(|[.,!?]]+"), "it means something else here");
    json_refused(CUT("[\\\\W]+"), "it means something else here");
    json_refused(CUT("\\\\h+"), "it means something else here");
    json_refused(CUT("\\\\d{1,3}+"), "it means something else here");
}

static void names_of_cuts(void **state)
{
    struct error e;
    const struct bpe_pre *pre = bpe_pre_find("deepseek-r1-qwen", &e);

    (void)state;
    assert_true(pre && pre->cut == BPE_QWEN2 && !pre->whole_pieces && !pre->compose);
    pre = bpe_pre_find("falcon3", &e);
    assert_true(pre && pre->cut == BPE_LLAMA3 && pre->whole_pieces);
    pre = bpe_pre_find("deepseek-coder", &e);
    assert_true(pre && pre->cut == BPE_DEEPSEEK_CODER && !pre->whole_pieces);
    assert_string_equal(bpe_pre_name(BPE_LLAMA3, true, false), "llama-bpe");
    assert_string_equal(bpe_pre_name(BPE_LLAMA3, false, false), "dbrx");
    assert_string_equal(bpe_pre_name(BPE_QWEN2, false, true), "qwen2");
    assert_null(bpe_pre_name(BPE_GPT2, true, true));
}

static void gguf_without_tokenizer(void **state)
{
    struct error e = { "" };
    struct gguf *g = gguf_open(FIXTURES "gguf_files/quants.gguf", &e);

    (void)state;
    assert_non_null(g);
    assert_null(bpe_from_gguf(g, &e));
    assert_string_equal(e.text, FIXTURES "gguf_files/quants.gguf: "
                                         "no key tokenizer.ggml.model");
    gguf_close(g);
}

/* Llama 2's file with another value under the key of a token's number. */
static void gguf_refused(const char *key, int32_t id, const char *expected)
{
    char *folder = temporary_folder(), *path = file_join(folder, "m.gguf");
    struct error e = { "" };
    struct mapped m;
    struct gguf *g;
    unsigned char *copy, *at;
    FILE *f = fopen(path, "wb");

    assert_int_equal(file_map(&m, FIXTURES "pieces/llama2.gguf", &e), 0);
    copy = memcpy(mem_new(m.size, 1), m.data, m.size);
    at = memmem(copy, m.size, key, strlen(key));
    assert_non_null(at);
    memcpy(at + strlen(key) + 4, &id, sizeof id); /* behind the value's type */
    assert_int_equal(fwrite(copy, 1, m.size, f), m.size);
    assert_int_equal(fclose(f), 0);
    g = gguf_open(path, &e);
    assert_non_null(g);
    assert_null(bpe_from_gguf(g, &e));
    if (!strstr(e.text, expected) || !strstr(e.text, path))
        fail_msg("%s: \"%s\" expected", e.text, expected);
    gguf_close(g);
    file_unmap(&m);
    temporary_remove(folder);
    free(copy);
    free(path);
}

/* No number of a token that a file gives is taken for a row of the model unseen. */
static void gguf_token_numbers(void **state)
{
    static const char *const keys[] = { "tokenizer.ggml.bos_token_id",
                                        "tokenizer.ggml.eos_token_id",
                                        "tokenizer.ggml.unknown_token_id" };
    static const int32_t ids[] = { 65280, INT32_MAX };

    (void)state;
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
        for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
            gguf_refused(keys[k], ids[i], k < 2 ? "start token" : "unknown token");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_name_their_special_tokens),
        cmocka_unit_test(numbers_of_any_size),
        cmocka_unit_test(lists_that_are_none),
        cmocka_unit_test(a_byte_order_mark_is_taken_off),
        cmocka_unit_test(other_tokenizers),
        cmocka_unit_test(names_of_cuts),
        cmocka_unit_test(gguf_without_tokenizer),
        cmocka_unit_test(gguf_token_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
