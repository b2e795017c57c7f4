/* Prompts as people read them: lines, names of soft and special tokens, escapes. */
#include "prompt/prompt_text.h"
#include "llm/llm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static struct llm llm;

static void add(struct codes *c, int code)
{
    c->list = realloc(c->list, (size_t)(c->n + 1) * sizeof *c->list);
    c->list[c->n++] = code;
}

static void add_text(struct codes *c, const char *text)
{
    struct error e;
    int *ids, n = bpe_encode_next(llm.bpe, text, strlen(text), &ids, &e);

    assert_true(n > 0);
    for (int i = 0; i < n; i++)
        add(c, ids[i]);
    free(ids);
}

/* Takes c. */
static void prints(struct codes *c, int guesses, const char *want)
{
    struct texts titles = { 0 };
    struct prompter p = { .bpe = llm.bpe, .titles = &titles, .guesses = guesses };
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    texts_add(&titles, "Heat", 4);
    texts_add(&titles, "A\nB", 3);
    prompt_print(out, &p, c, "> ");
    fclose(out);
    assert_string_equal(text, want);
    free(text);
    texts_free(&titles);
    codes_free(c);
}

static void lines_and_names(void **state)
{
    struct codes c = { 0 };

    (void)state;
    add(&c, bpe_bos(llm.bpe));
    add_text(&c, "Seen:\n\n");
    add(&c, CODE_ITEM(1));
    add(&c, CODE_ITEM(0));
    add_text(&c, "Heat, a \\\tb\x1b[1m\n");
    add(&c, CODE_USER);
    add(&c, CODE_GUESS(0));
    assert_int_equal(prompt_soft_count(&c), 4);
    prints(&c, 1,
           "> <|im_start|>Seen:\n> \n"
           "> <item: A\\nB><item: Heat>Heat, a \\\\\\tb\\x1b[1m\n> <user><guess>\n");
}

static void several_guesses(void **state)
{
    struct codes c = { 0 };

    (void)state;
    for (int k = 0; k < PROMPT_GUESSES; k++)
        add(&c, CODE_GUESS(k));
    prints(&c, PROMPT_GUESSES, "> <guess 1><guess 2><guess 3><guess 4>\n");
}

/* Each byte of it is a token: single ones are no characters. */
static void a_character_of_several_tokens(void **state)
{
    struct codes c = { 0 };

    (void)state;
    add_text(&c, "映é\n");
    assert_true(c.n > 3);
    prints(&c, 0, "> 映é\n> \n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_and_names),
        cmocka_unit_test(several_guesses),
        cmocka_unit_test(a_character_of_several_tokens),
    };
    struct error e;

    if (llm_open(&llm, "tests/fixtures/tiny/SmolLM2.gguf", FROZEN_REAL, &e) < 0)
        die("%s", e.text);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
