/* What is asked of the files that a command line names before anything is done. */
#include "cli/cli_parts.h"

#include "cli/option_table.h"
#include "util/error.h"
#include "util/file_guard.h"

#include <string.h>
#include <sys/stat.h>

static const char *stdin_option; /* that has "-" */

static const char *path_of(const struct opt *o, enum opt_type type)
{
    const char *path = o->type == type ? *(const char **)o->value : NULL;

    return path ? path : "";
}

/* An output that is also another file of the command line is lost, or loses it. */
static int check_output(const struct opt *output, const char *path, struct error *e)
{
    const char *mine = path_of(output, OPT_OUTPUT), *other;
    const struct opt *o;

    if (strcmp(mine, "-") == 0)
        return fail(e, "--%s -: expected the name of a file; ./- is a file named -, "
                    "/dev/stdout standard output", output->name);
    if (path && strcmp(path, "-") != 0 && file_guard_same(mine, path))
        return fail(e, "--%s: %s is input and output", output->name, mine);
    for (int i = 0; !path && (o = option_at(i)); i++) {
        if (*(other = path_of(o, OPT_PATH)) && file_guard_same(mine, other))
            return fail(e, "--%s: %s is the file of --%s", output->name, mine, o->name);
        if (*(other = path_of(o, OPT_OUTPUT)) && o < output &&
            file_guard_same(mine, other))
            return fail(e, "--%s and --%s are the same file", o->name, output->name);
    }
    return 0;
}

static void check_input(const char *path)
{
    if (*path && file_guard_is_stdout(path))
        die("%s: is input and output", path);
}

/* Is the content of the file unknown until it is read, and then gone? */
static bool is_pipe(const char *path)
{
    struct stat s;

    return strcmp(path, "-") == 0 ||
           (stat(path, &s) == 0 && (S_ISFIFO(s.st_mode) || S_ISSOCK(s.st_mode)));
}

/* Standard input once; under memo none, but for the operands, which memo reads itself. */
static int check_pipes(bool reads, struct error *e)
{
    const struct opt *o;

    for (int i = 0; (o = option_at(i)); i++) {
        const char *path = path_of(o, OPT_PATH);

        if (reads && is_pipe(path))
            return fail(e, "--%s %s: memo cannot know what a pipe will give", o->name,
                        path);
        if (strcmp(path, "-") != 0)
            continue;
        if (stdin_option)
            return fail(e, "--%s and --%s: standard input can be read only once",
                        stdin_option, o->name);
        stdin_option = o->name;
    }
    return 0;
}

const char *cli_stdin_option(void)
{
    return stdin_option;
}

int cli_check_paths(const struct cli_words *w, bool operands, bool reads, struct error *e)
{
    const struct opt *o;

    if (check_pipes(reads, e) < 0)
        return -1;
    for (int i = w->first; operands && i < w->argc; i++) {
        if (!*w->argv[i])
            return fail(e, "an operand is empty, expected the name of a file");
        if (stdin_option && strcmp(w->argv[i], "-") == 0)
            return fail(e,
                        "--%s - and an operand -: standard input can be read only once",
                        stdin_option);
        check_input(w->argv[i]);
    }
    for (int i = 0; (o = option_at(i)); i++) {
        check_input(path_of(o, OPT_PATH));
        if (!*path_of(o, OPT_OUTPUT))
            continue;
        if (reads && o->record != OPT_IDLE)
            return fail(e, "--%s writes a file, which memo does not keep", o->name);
        if (check_output(o, NULL, e) < 0)
            return -1;
        for (int j = w->first; operands && j < w->argc; j++)
            if (check_output(o, w->argv[j], e) < 0)
                return -1;
    }
    if (file_guard_is_stdout("/dev/stdin"))
        die("<stdin>: is input and output");
    return 0;
}
