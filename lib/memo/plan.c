#include "memo/plan.h"

#include "memo/digest.h"
#include "memo/plan_parts.h"
#include "stream/reads.h"
#include "util/file.h"
#include "util/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void words_push(struct word_list *w, const char *word)
{
    char *copy = mem_string(word);

    if (w->n > 0)
        w->n--; /* over the NULL */
    MEM_PUSH(w->list, w->n, w->room, copy);
    MEM_PUSH(w->list, w->n, w->room, NULL);
}

int words_count(const struct word_list *w)
{
    return w->n > 0 ? w->n - 1 : 0;
}

static void words_free(struct word_list *w)
{
    for (int i = 0; i < words_count(w); i++)
        free(w->list[i]);
    free(w->list);
    *w = (struct word_list){ 0 };
}

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

void plan_add_file(struct plan *p, const struct cache *c, const char *kind,
                   const char *path)
{
    char digest[SUM_TEXT];
    struct error e;

    if (strcmp(path, "/dev/null") == 0)
        strcpy(digest, "empty");
    else if (digest_path(c, path, digest, &e) < 0)
        die("%s", e.text);
    else {
        words_push(&p->files, path);
        words_push(&p->digests, digest);
    }
    parts_add(&p->parts, kind, file_base(path), digest);
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
        words_push(&p->command, words[i]);
}

void plan_add_language(struct plan *p)
{
    static const char *const names[] = { "LANG", "LANGUAGE", "LC_ALL", "LC_COLLATE",
                                         "LC_CTYPE", "LC_NUMERIC", "LC_TIME", "TZ" };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (getenv(names[i]))
            parts_add(&p->parts, "environment", names[i], getenv(names[i]));
}

void plan_make(struct plan *p, const struct cache *c, char **words)
{
    *p = (struct plan){ .name = file_base(words[0]) };
    p->program = find_program(words[0]);
    if (!p->program || access(p->program, X_OK) != 0)
        die("%s: %s", words[0], p->program ? strerror(errno) : "no such program");
    parts_begin(&p->parts);
    parts_add(&p->parts, "memo", "version", MEMO_PARTS_VERSION);
    plan_add_file(p, c, "program", p->program);
    if (answers_reads(p->program))
        plan_ask(p, c, words);
    else
        plan_other(p, c, words);
    if (!p->writes_stream)
        plan_add_language(p);
}

bool plan_holds(const struct plan *p, const struct cache *c)
{
    char now[SUM_TEXT];
    struct error e;

    for (int i = 0; i < words_count(&p->files); i++)
        if (digest_path(c, p->files.list[i], now, &e) < 0 ||
            strcmp(now, p->digests.list[i]) != 0)
            return false;
    return true;
}

void plan_free(struct plan *p)
{
    free(p->program);
    words_free(&p->command);
    words_free(&p->operands);
    words_free(&p->keep);
    words_free(&p->keep_texts);
    words_free(&p->replace);
    words_free(&p->files);
    words_free(&p->digests);
    parts_free(&p->parts);
}
