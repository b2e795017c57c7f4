#include "memo/child.h"
#include "memo/plan_parts.h"
#include "stream/reads.h"
#include "util/channel.h"
#include "util/escape.h"
#include "util/file.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the answers say beside the parts of the key. */
struct answers {
    struct word_list arguments, operands;
    bool bytes, nothing, ended;
};

/* "name=value" or "name". */
static void add_option(struct plan *p, char *text)
{
    char *equals = strchr(text, '=');

    if (equals)
        *equals = 0;
    parts_add(&p->parts, "option", text, equals ? equals + 1 : "(none)");
}

/* The kinds that are parts of the key. */
static void take_part(struct plan *p, const struct cache *c, const char *kind, char *text)
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

static void take(struct plan *p, struct answers *a, const struct cache *c,
                 const char *kind, char *text)
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
            words_push(lists[i].list, text);
    take_part(p, c, kind, text);
    a->ended |= strcmp(kind, "end") == 0;
    p->only |= strcmp(kind, "only") == 0;
    p->quiet |= strcmp(kind, "quiet") == 0;
    a->bytes |= strcmp(kind, "input") == 0 && strcmp(text, "bytes") == 0;
    a->nothing |= strcmp(kind, "input") == 0 && strcmp(text, "nothing") == 0;
    p->writes_stream |= strcmp(kind, "output") == 0 && strcmp(text, "stream") == 0;
}

/* On the tensors alone it is run without its operands: they come on stdin. */
static void command_on_stream(struct plan *p, const struct answers *a, const char *name)
{
    words_push(&p->command, name);
    if (p->writes_stream)
        words_push(&p->command, "--only");
    for (int i = 0; i < words_count(&a->arguments); i++)
        words_push(&p->command, a->arguments.list[i]);
    for (int i = 0; i < words_count(&a->operands); i++)
        words_push(&p->operands, a->operands.list[i]);
}

/* On bytes it is run as it is; the operands are files, and their names may count. */
static void command_as_is(struct plan *p, const struct answers *a, const struct cache *c,
                          char **words)
{
    bool reads_stdin = words_count(&a->operands) == 0;

    for (int i = 0; i < words_count(&a->operands); i++) {
        const char *operand = a->operands.list[i];

        parts_add(&p->parts, "operand", file_base(operand), "");
        if (a->bytes && strcmp(operand, "-") != 0)
            plan_add_file(p, c, "file", operand);
        reads_stdin |= strcmp(operand, "-") == 0;
    }
    for (int i = 0; words[i]; i++)
        words_push(&p->command, words[i]);
    p->input = a->bytes && reads_stdin ? PLAN_BYTES : PLAN_NOTHING;
}

/* Passes on what it printed instead of answers, as for --help; a part of an answer is
 * nobody's. */
_Noreturn static void pass_on(const char *text, size_t size, int status)
{
    if (strncmp(text, READS_FIRST, strlen(READS_FIRST)) != 0)
        fwrite(text, 1, size, stdout);
    channel_finish_stdout();
    exit(status);
}

void plan_ask(struct plan *p, const struct cache *c, char **words)
{
    struct answers a = { .ended = false };
    size_t size, first = strlen(READS_FIRST);
    char *text, *rest, *line;
    struct error e;
    int status = child_ask(p->program, words, "--reads", &text, &size);

    if (status != 0 || strncmp(text, READS_FIRST "\n", first + 1) != 0)
        pass_on(text, size, status);
    rest = text + first + 1;
    while ((line = strsep(&rest, "\n"))) {
        char *kind = strsep(&line, "\t");

        if (line && escape_undo(line, ESCAPE_LETTERS, &e) < 0)
            die("%s: its answer to --reads: %s", words[0], e.text);
        take(p, &a, c, kind, line ? line : "");
    }
    if (!a.ended)
        die("%s: its answer to --reads has no end", words[0]);
    p->input = PLAN_STREAM;
    if (a.bytes || a.nothing)
        command_as_is(p, &a, c, words);
    else
        command_on_stream(p, &a, words[0]);
    for (int i = 0; i < words_count(&a.arguments); i++)
        free(a.arguments.list[i]);
    for (int i = 0; i < words_count(&a.operands); i++)
        free(a.operands.list[i]);
    free(a.arguments.list);
    free(a.operands.list);
    free(text);
}
