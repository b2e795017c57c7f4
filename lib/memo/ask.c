#include "memo/ask.h"

#include "memo/child.h"
#include "stream/reads.h"
#include "util/channel.h"
#include "util/error.h"
#include "util/escape.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

/* Passes on what it printed instead of answers, as for --help; a part of an answer is
 * nobody's. */
_Noreturn static void pass_on(const char *text, size_t size, int status)
{
    if (strncmp(text, READS_FIRST, strlen(READS_FIRST)) != 0)
        fwrite(text, 1, size, stdout);
    channel_finish_stdout();
    exit(status);
}

/* Closes the lines of text, which is a's, and keeps them as answers. */
static void cut_lines(struct answers *a, char *text, const char *name)
{
    char *line;
    struct error e;

    while ((line = strsep(&text, "\n"))) {
        struct answer one = { .kind = strsep(&line, "\t"), .text = line ? line : "" };

        if (line && escape_undo(line, ESCAPE_LETTERS, &e) < 0)
            die("%s: its answer to --reads: %s", name, e.text);
        MEM_PUSH(a->list, a->n, a->room, one);
    }
}

bool ask_has(const struct answers *a, const char *kind, const char *text)
{
    for (int i = 0; i < a->n; i++)
        if (strcmp(a->list[i].kind, kind) == 0 &&
            (!text || strcmp(a->list[i].text, text) == 0))
            return true;
    return false;
}

void ask_program(struct answers *a, const char *program, char **words)
{
    size_t size, first = strlen(READS_FIRST);
    int status;

    *a = (struct answers){ 0 };
    status = child_ask(program, words, "--reads", &a->all, &size);
    if (status != 0 || strncmp(a->all, READS_FIRST "\n", first + 1) != 0)
        pass_on(a->all, size, status);
    cut_lines(a, a->all + first + 1, words[0]);
    if (!ask_has(a, "end", NULL))
        die("%s: its answer to --reads has no end", words[0]);
}

void ask_free(struct answers *a)
{
    free(a->list);
    free(a->all);
    *a = (struct answers){ 0 };
}
