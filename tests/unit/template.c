/* Prompt templates: what they say, and what is refused with the line's number. */
#include "prompt/template.h"
#include "temporary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REST "candidate: {title}\ntext: {candidates}\nanswer: {title}\n"

static struct template load(const char *source)
{
    struct template t;
    struct error e;

    if (template_load(&t, source, &e) < 0)
        fail_msg("%s", e.text);
    return t;
}

static void refused(const char *source, const char *reason)
{
    struct template t;
    struct error e;

    if (template_load(&t, source, &e) == 0)
        fail_msg("taken: %s", source);
    if (!strstr(e.text, reason))
        fail_msg("'%s' is not in '%s'", reason, e.text);
    assert_null(t.source); /* nothing is left to be freed */
}

static void parts_and_escapes(void **state)
{
    struct template t = load("# a comment\n\ncandidate: [item] {title}\n"
                             "history: {title}\\s\nseparator: \\\\\\n\n"
                             "text: a: b\\n\ntext: {candidates}\ntext: {history}[user]\n"
                             "answer: \"{title}\"\n");

    (void)state;
    assert_string_equal(t.candidate, "[item] {title}");
    assert_string_equal(t.history, "{title} ");
    assert_string_equal(t.separator, "\\\n");
    assert_string_equal(t.answer, "\"{title}\"");
    assert_int_equal(t.count, 3);
    assert_string_equal(t.lines[0].text, "a: b\n");
    assert_false(t.lines[1].has_user || t.lines[1].has_history);
    assert_true(t.lines[2].has_user && t.lines[2].has_history);
    template_free(&t);
}

static void what_is_left_out_has_a_default(void **state)
{
    struct template t = load("candidate: <{title}>\ntext: {candidates}\n"
                             "answer: {title}\n");

    (void)state;
    assert_string_equal(t.history, "<{title}>");
    assert_string_equal(t.separator, ", ");
    template_free(&t);
}

static void shared_lines(void **state)
{
    struct template all = load(REST), none = load("text: [user]\n" REST),
                    some = load("text: a\n" REST "text: {history}\ntext: b\n");

    (void)state;
    assert_int_equal(template_shared_lines(&all), 1);
    assert_int_equal(template_shared_lines(&none), 0);
    assert_int_equal(template_shared_lines(&some), 2);
    template_free(&all);
    template_free(&none);
    template_free(&some);
}

/* A stream carries the source; loading that gives the same template. */
static void source_round_trip(void **state)
{
    (void)state;
    for (int i = 0; template_names[i]; i++) {
        struct template t, again;
        struct error e;

        assert_int_equal(template_load_text(&t, template_names[i], &e), 0);
        assert_int_equal(template_load_text(&again, t.source, &e), 0);

        assert_string_equal(again.source, t.source);
        assert_string_equal(again.candidate, t.candidate);
        assert_string_equal(again.separator, t.separator);
        assert_int_equal(again.count, t.count);
        for (int l = 0; l < t.count; l++)
            assert_string_equal(again.lines[l].text, t.lines[l].text);
        template_free(&t);
        template_free(&again);
    }
}

static void a_file(void **state)
{
    char *folder = temporary_folder(), *path = file_join(folder, "own");
    struct template t, again;
    FILE *f;

    (void)state;
    temporary_text(folder, "own", "candidate: {title}\ntext: {candidates}\n"
                                  "answer: {title}"); /* no line end */
    t = load(path);
    again = load(t.source);
    assert_string_equal(again.answer, "{title}");
    template_free(&t);
    template_free(&again);
    temporary_text(folder, "own", REST "text: {film}\n");
    refused(path, ": line 4: '{film}");
    refused(path, path);
    f = fopen(path, "w");
    fwrite(REST "\0\n", 1, sizeof REST + 1, f);
    fclose(f);
    refused(path, "not text");
    temporary_remove(folder);
    refused(path, "No such file");
    free(path);
}

static void words_are_filled_where_they_are_unsaid(void **state)
{
    struct template t = load(REST "noun: long\\s film\nbos: after\n");
    struct template_words w = template_words(&t), said = { NULL, "see", NULL, BOS_NONE };
    const struct template_words usual = { "movie", "watch", "watched", BOS_AUTO };

    (void)state;
    assert_string_equal(w.noun, "long  film");
    assert_null(w.verb);
    assert_int_equal(w.bos, BOS_AFTER);
    template_words_fill(&said, &w);
    template_words_fill(&said, &usual);
    assert_string_equal(said.noun, "long  film");
    assert_string_equal(said.verb, "see");
    assert_string_equal(said.past, "watched");
    assert_int_equal(said.bos, BOS_NONE);
    template_free(&t);
}

static void mistakes(void **state)
{
    (void)state;
    refused(REST "noun: a\nnoun: b\n", "line 5: a second 'noun:'");
    refused(REST "noun: [user]\n",
            "line 4: '[user]' is no slot that can stand here: none can");
    refused(REST "bos: first\n",
            "line 4: bos: 'first' is none of auto, before, after, none");
    refused("text: [movie]\n" REST, "line 1: '[movie]' is no slot");
    refused("text: {title}\n" REST,
            "line 1: '{title}' is no slot that can stand here: [user] [guess] ");
    refused("text: [item]\n" REST, "line 1: '[item]' is no slot");
    refused("text: a [\n" REST, "line 1: '[' begins a slot without ']'");
    refused("text: {noun\n" REST, "line 1: '{noun' begins a slot without '}'; those that "
                                  "can stand here: [user] [guess] {history} {candidates} "
                                  "{noun} {verb} {past}: did you mean {noun}?");
    refused("candidate: { title }\n" REST,
            "line 1: '{ title }' is no slot that can stand here: [item] {title} {noun} "
            "{verb} {past}: did you mean {title}?");
    refused("candidate: {a b}\n", "line 1: '{a b}' is no slot that can stand here");
    refused("candidat: {title}\n" REST, ", bos: did you mean candidate?");
    refused(REST "bos: befor\n", "before, after, none: did you mean before?");
    refused("candidate: [user]{title}\n", "line 1: '[user]' is no");
    refused("candidate: {candidates}\n", "line 1: '{candidates}' is");
    refused("separator: {noun}\n" REST, "line 1: '{noun}' is no slot");
    refused("answer: [item]{title}\n", "line 1: '[item]' is no");
    refused("# a\n\ntext: \\t\n" REST, "line 3: '\\t' is no escape");
    refused("text: a\\\n" REST, "line 1: '\\ ' is no escape");
    refused("text:a\n" REST, "line 1: expected 'key: text'");
    refused("text\n" REST, "line 1: expected 'key: text'");
    refused("title: a\n" REST, "line 1: 'title' is none of");
    refused("texts: a\n" REST, "line 1: 'texts' is none of");
    refused(": a\n" REST, "line 1: '' is none of");
    refused(REST "answer: {title}\n", "line 4: a second 'answer:'");
    refused("candidate: {title}\nanswer: {title}\n", "needs a 'text:' with {candidates}");
    refused("text: {candidates}\nanswer: {title}\n", "needs 'candidate:'");
    refused("text: {candidates}\ncandidate: {title}\n", "needs 'answer:'");
    refused("candidate: {title}\ntext: {candidates}\nanswer: it\n", "needs {title}");
    refused("\n", "needs 'answer:'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_and_escapes),
        cmocka_unit_test(what_is_left_out_has_a_default),
        cmocka_unit_test(shared_lines),
        cmocka_unit_test(source_round_trip),
        cmocka_unit_test(a_file),
        cmocka_unit_test(words_are_filled_where_they_are_unsaid),
        cmocka_unit_test(mistakes),
    };

    return cmocka_run_group_tests_name("template", tests, NULL, NULL);
}
