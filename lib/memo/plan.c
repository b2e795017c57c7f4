#include "memo/plan.h"

#include "memo/digest.h"
#include "memo/plan_parts.h"
#include "stream/reads.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/near.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* As the shell finds a command: NULL where there is none. */
static char *find_program(const char *name)
{
    const char *path = getenv("PATH");
    char *folders = mem_string(path ? path : "/bin:/usr/bin"), *rest = folders, *folder;
    char *found = strchr(name, '/') ? mem_string(name) : NULL;

    while (!found && (folder = strsep(&rest, ":"))) {
        char *here = file_join(*folder ? folder : ".", name);

        if (access(here, X_OK) == 0 && !file_is_folder(here))
            found = here;
        else
            free(here);
    }
    free(folders);
    return found;
}

/* Ends the program: there is none of that name on PATH. */
_Noreturn static void no_program(const char *name)
{
    const char *path = getenv("PATH");
    char *folders = mem_string(path ? path : ""), *rest = folders, *folder;
    struct near near;

    near_begin(&near, name);
    while ((folder = strsep(&rest, ":")))
        near_offer_folder(&near, folder);
    if (near.found[0])
        die("%s: no such program: did you mean %s?", name, near.found);
    die("%s: no such program", name);
}

/* Has its file the words that reads.h promises? */
static bool answers_reads(const char *path)
{
    struct mapped m;
    struct error e;
    bool found;

    if (file_map(&m, path, &e) < 0)
        die("%s", e.text);
    found = m.size && memmem(m.data, m.size, READS_FIRST, strlen(READS_FIRST));
    file_unmap(&m);
    return found;
}

/* All that is known of another program: every argument, the content of every file that
 * an argument is or has after an equals sign, and the language of its words. */
static void plan_other(struct plan *p, const struct cache *c, char **words)
{
    char number[16];

    p->input = PLAN_BYTES;
    for (int i = 1; words[i]; i++) {
        const char *equals = strchr(words[i], '=');

        snprintf(number, sizeof number, "%d", i);
        parts_add(&p->parts, "argument", number, words[i]);
        if (file_exists(words[i]))
            plan_add_file(p, c, "file", words[i]);
        else if (equals && file_exists(equals + 1))
            plan_add_file(p, c, "file", equals + 1);
    }
    for (int i = 0; words[i]; i++)
        word_list_push(&p->command, words[i]);
}

void plan_make(struct plan *p, const struct cache *c, char **words)
{
    *p = (struct plan){ .name = file_base(words[0]) };
    p->program = find_program(words[0]);
    if (!p->program)
        no_program(words[0]);
    if (access(p->program, X_OK) != 0)
        die("%s: %s", words[0], strerror(errno));
    parts_begin(&p->parts);
    parts_add(&p->parts, "memo", "version", MEMO_PARTS_VERSION);
    plan_add_file(p, c, "program", p->program);
    if (answers_reads(p->program))
        plan_take_answers(p, c, words);
    else
        plan_other(p, c, words);
    if (!p->writes_stream)
        plan_add_language(p);
}

bool plan_holds(const struct plan *p, const struct cache *c)
{
    char now[SUM_TEXT];
    struct error e;

    for (int i = 0; i < word_list_count(&p->files); i++)
        if (digest_path(c, p->files.list[i], now, &e) < 0 ||
            strcmp(now, p->digests.list[i]) != 0)
            return false;
    return true;
}

void plan_free(struct plan *p)
{
    free(p->program);
    word_list_free(&p->command);
    word_list_free(&p->operands);
    word_list_free(&p->keep);
    word_list_free(&p->keep_texts);
    word_list_free(&p->replace);
    word_list_free(&p->files);
    word_list_free(&p->digests);
    parts_free(&p->parts);
}
