/* Cutting titles to so many tokens, with the tokenizer of the tiny model. */
#include "llm/llm.h"
#include "prompt/short_titles.h"
#include "util/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct llm llm;

static int tokens(const char *text)
{
    struct error e;
    int *ids, n = bpe_encode(llm.bpe, text, strlen(text), &ids, &e);

    assert_true(n >= 0);
    free(ids);
    return n;
}

static void cuts(const char *const *in, int count, int most, struct short_titles *s)
{
    struct texts titles = { 0 };
    struct error e;

    for (int i = 0; i < count; i++)
        texts_add(&titles, in[i], strlen(in[i]));
    assert_int_equal(short_titles_make(s, &titles, llm.bpe, most, &e), 0);
    assert_int_equal(s->titles.count, count);
    texts_free(&titles);
}

static void at_a_word(void **state)
{
    static const char *const in[] = { "one two three", "x", "", "one two  and more" };
    struct short_titles s;
    int most = tokens("one two");

    (void)state;
    cuts(in, 4, most, &s);
    assert_string_equal(texts_at(&s.titles, 0), "one two");
    assert_string_equal(texts_at(&s.titles, 1), "x");
    assert_string_equal(texts_at(&s.titles, 2), "");
    assert_string_equal(texts_at(&s.titles, 3), "one two");
    assert_int_equal(s.cut, 2);
    assert_int_equal(s.same, 1);
    texts_free(&s.titles);
}

/* The longest beginning that fits, by trying all. */
static size_t longest(const char *text, int most, bool at_word)
{
    size_t best = 0, n = strlen(text);

    for (size_t i = 1; i < n; i++) {
        char *part = mem_format("%.*s", (int)i, text);

        if ((at_word ? text[i] == ' ' && text[i - 1] != ' '
                     : ((unsigned char)text[i] & 0xc0) != 0x80) && tokens(part) <= most)
            best = i;
        free(part);
    }
    return best;
}

static void by_trying(void **state)
{
    static const char *const in[] = {
        "The Shawshank Redemption of a very long name, 1994",
        "\xe4\xb8\x83\xe4\xba\xba\xe3\x81\xae\xe4\xbe\x8d\xe4\xb8\x83\xe4\xba\xba",
        "Internationalisation without spaces? Internationalisation",
        "12345 67890 1234567890",
    };

    (void)state;
    for (int most = 1; most < 12; most++) {
        struct short_titles s;

        cuts(in, 4, most, &s);
        for (int i = 0; i < 4; i++) {
            size_t n = strlen(in[i]), want = longest(in[i], most, true);

            if (tokens(in[i]) <= most)
                want = n;
            if (want > 0)
                assert_int_equal(texts_length(&s.titles, i), want);
            else { /* within a word, where a longer one may take fewer tokens */
                assert_true(tokens(texts_at(&s.titles, i)) <= most);
                assert_int_equal(texts_length(&s.titles, i) > 0,
                                 longest(in[i], most, false) > 0);
            }
        }
        texts_free(&s.titles);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(at_a_word),
                                        cmocka_unit_test(by_trying) };
    struct error e;

    if (llm_open(&llm, "tests/fixtures/tiny/SmolLM2.gguf", FROZEN_REAL, &e) < 0)
        die("%s", e.text);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
