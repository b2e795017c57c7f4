/* The trie of a catalogue's titles, with the tokenizer of the tiny model: its nodes
 * against what the titles themselves say, whole and with items cut out. */
#include "llm/llm.h"
#include "prompt/title_trie.h"
#include "util/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct llm llm;
static struct template template;

static const char *const usual[] = { "Alien", "Heat", "Alien 3", "", "Aliens", "Alien",
                                     "Fargo", "Heat and dust", "" };
enum { USUAL = sizeof usual / sizeof *usual };

static struct title_trie trie_of(struct texts *titles, const char *const *in, int count)
{
    struct prompter p = { .template = &template, .bpe = llm.bpe, .titles = titles };
    struct title_trie t;
    struct error e;

    for (int i = 0; i < count; i++)
        texts_add(titles, in[i], strlen(in[i]));
    assert_int_equal(title_trie_new(&t, &p, count, &e), 0);
    return t;
}

/* Is every item in it once, with its own tokens, and are places in the order of
 * tokens? */
static void sorted(void **state)
{
    struct texts titles = { 0 };
    struct title_trie t = trie_of(&titles, usual, USUAL);
    struct prompter p = { .template = &template, .bpe = llm.bpe, .titles = &titles };
    bool there[USUAL] = { false };

    (void)state;
    for (int place = 0; place < USUAL; place++) {
        struct codes c = { 0 };
        struct error e;

        there[t.item[place]] = true;
        assert_int_equal(prompt_answer(&c, &p, t.item[place], &e), 0);
        assert_int_equal(t.first[place + 1] - t.first[place], c.n);
        for (int d = 0; d < c.n; d++)
            assert_int_equal(title_trie_token(&t, place, d), c.list[d]);
        assert_int_equal(title_trie_token(&t, place, c.n), -1);
        assert_true(c.n <= t.longest);
        codes_free(&c);
        if (place > 0) {
            int n = title_trie_common(&t, place - 1, place);

            assert_true(title_trie_token(&t, place - 1, n) <=
                        title_trie_token(&t, place, n));
            if (title_trie_token(&t, place, n) < 0)
                assert_true(t.item[place - 1] < t.item[place]);
        }
    }
    for (int i = 0; i < USUAL; i++)
        assert_true(there[i]);
    title_trie_free(&t);
    texts_free(&titles);
}

/* Counts distinct titles and read tokens below a node, along children alone. */
static void walk(const struct title_node *n, const struct title_trie *t,
                 const struct title_cut *c, int *places, int *rows)
{
    struct title_node child;
    int ended = n->first;

    while (ended < n->end && title_trie_token(t, ended, n->depth) < 0)
        ended++;
    *places += title_cut_left(c, n->first, ended);
    *rows += n->depth > 0 && ended < n->end;
    for (int from = n->first; title_node_child(&child, n, from, t, c); from = child.end) {
        assert_int_equal(child.depth, n->depth + 1);
        assert_true(title_cut_left(c, child.first, child.end) > 0);
        for (int p = child.first; p < child.end; p++)
            assert_int_equal(title_trie_token(t, p, n->depth),
                             title_trie_token(t, child.first, n->depth));
        walk(&child, t, c, places, rows);
    }
}

static void children(void **state)
{
    struct texts titles = { 0 };
    struct title_trie t = trie_of(&titles, usual, USUAL);
    struct title_node root = { 0, USUAL, 0 };

    (void)state;
    for (int mask = 0; mask < 1 << USUAL; mask++) {
        int32_t items[USUAL];
        int count = 0, places = 0, rows = 0;
        struct title_cut c;

        for (int i = USUAL - 1; i >= 0; i--)
            if (mask >> i & 1)
                items[count++] = i;
        title_cut_new(&c, &t, items, count);
        assert_int_equal(c.count, count);
        walk(&root, &t, &c, &places, &rows);
        assert_int_equal(places, USUAL - count);
        if (mask == 0)
            assert_int_equal(rows, title_trie_rows(&t));
        title_cut_free(&c);
    }
    title_trie_free(&t);
    texts_free(&titles);
}

/* One: where those that are left have equal titles. */
static void one_title(void **state)
{
    struct texts titles = { 0 };
    struct title_trie t = trie_of(&titles, usual, USUAL);
    struct title_node root = { 0, USUAL, 0 };

    (void)state;
    for (int a = 0; a < USUAL; a++)
        for (int b = a; b < USUAL; b++) {
            int32_t items[USUAL];
            int count = 0;
            struct title_cut c;

            for (int i = 0; i < USUAL; i++)
                if (i != a && i != b)
                    items[count++] = i;
            title_cut_new(&c, &t, items, count);
            assert_int_equal(title_node_is_one(&root, &t, &c),
                             strcmp(usual[a], usual[b]) == 0);
            title_cut_free(&c);
        }
    title_trie_free(&t);
    texts_free(&titles);
}

static void no_text(void **state)
{
    static const char *const in[] = { "Heat", "\xff", "Fargo", "\xc3" };
    struct texts titles = { 0 };
    struct prompter p = { .template = &template, .bpe = llm.bpe, .titles = &titles };
    struct title_trie t;
    struct error e;

    (void)state;
    for (int i = 0; i < 4; i++)
        texts_add(&titles, in[i], strlen(in[i]));
    assert_int_equal(title_trie_new(&t, &p, 4, &e), -1);
    assert_non_null(strstr(e.text, "UTF-8"));
    texts_free(&titles);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sorted),
        cmocka_unit_test(children),
        cmocka_unit_test(one_title),
        cmocka_unit_test(no_text),
    };
    struct error e;
    int failed;

    if (llm_open(&llm, "tests/fixtures/tiny/SmolLM2.gguf", FROZEN_REAL, &e) < 0 ||
        template_load(&template, "open", &e) < 0)
        die("%s", e.text);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    template_free(&template);
    llm_close(&llm);
    return failed;
}
