#include "memo/ask.h"
#include "memo/plan_parts.h"
#include "util/file.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

/* What the answers say beside the parts of the key. */
struct told {
    struct word_list arguments, operands;
    bool bytes;
};

/* "name=value" or "name". */
static void add_option(struct plan *p, const char *text)
{
    const char *equals = strchr(text, '=');
    char *name = mem_format("%.*s", (int)strcspn(text, "="), text);

    parts_add(&p->parts, "option", name, equals ? equals + 1 : "(none)");
    free(name);
}

/* The kinds that are parts of the key. */
static void take_part(struct plan *p, const struct cache *c, const char *kind,
                      const char *text)
{
    if (strcmp(kind, "option") == 0)
        add_option(p, text);
    else if (strcmp(kind, "given") == 0)
        parts_add(&p->parts, kind, text, "yes");
    else if (strcmp(kind, "processor") == 0 || strcmp(kind, "version") == 0)
        parts_add(&p->parts, kind, p->name, text);
    else if (strcmp(kind, "file") == 0 || strcmp(kind, "library") == 0 ||
             strcmp(kind, "executable") == 0) /* perhaps behind a script that calls it */
        plan_add_file(p, c, kind, text);
}

/* The kinds that are lists of words. */
static void take_word(struct plan *p, struct told *a, const char *kind, const char *text)
{
    const struct {
        const char *kind;
        struct word_list *list;
    } lists[] = {
        { "argument", &a->arguments }, { "operand", &a->operands },
        { "keep", &p->keep },          { "keep-texts", &p->keep_texts },
        { "replace", &p->replace },
    };

    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (strcmp(kind, lists[i].kind) == 0)
            word_list_push(lists[i].list, text);
}

/* On the tensors alone it is run without its operands: they come on stdin. */
static void command_on_stream(struct plan *p, const struct told *a, const char *name)
{
    word_list_push(&p->command, name);
    if (p->writes_stream)
        word_list_push(&p->command, "--only");
    for (int i = 0; i < word_list_count(&a->arguments); i++)
        word_list_push(&p->command, a->arguments.list[i]);
    for (int i = 0; i < word_list_count(&a->operands); i++)
        word_list_push(&p->operands, a->operands.list[i]);
}

/* On bytes it is run as it is; the operands are files, and their names may count. */
static void command_as_is(struct plan *p, const struct told *a, const struct cache *c,
                          char **words)
{
    bool reads_stdin = word_list_count(&a->operands) == 0;

    for (int i = 0; i < word_list_count(&a->operands); i++) {
        const char *operand = a->operands.list[i];

        parts_add(&p->parts, "operand", file_base(operand), "");
        if (a->bytes && strcmp(operand, "-") != 0)
            plan_add_file(p, c, "file", operand);
        reads_stdin |= strcmp(operand, "-") == 0;
    }
    for (int i = 0; words[i]; i++)
        word_list_push(&p->command, words[i]);
    p->input = a->bytes && reads_stdin ? PLAN_BYTES : PLAN_NOTHING;
}

void plan_take_answers(struct plan *p, const struct cache *c, char **words)
{
    struct told told = { .bytes = false };
    struct answers answers;

    ask_program(&answers, p->program, words);
    for (int i = 0; i < answers.n; i++) {
        take_word(p, &told, answers.list[i].kind, answers.list[i].text);
        take_part(p, c, answers.list[i].kind, answers.list[i].text);
    }
    p->only = ask_has(&answers, "only", NULL);
    p->quiet = ask_has(&answers, "quiet", NULL);
    p->writes_stream = ask_has(&answers, "output", "stream");
    p->input = PLAN_STREAM;
    told.bytes = ask_has(&answers, "input", "bytes");
    if (told.bytes || ask_has(&answers, "input", "nothing"))
        command_as_is(p, &told, c, words);
    else
        command_on_stream(p, &told, words[0]);
    word_list_free(&told.arguments);
    word_list_free(&told.operands);
    ask_free(&answers);
}
