/* Ends before anything is done: with what was asked for printed, or by a mistake.  Where
 * several ranks of one training (ranks/ranks.h) end so, one of them speaks. */
#include "cli/cli.h"

#include "cli/cli_parts.h"
#include "ranks/launch.h"
#include "ranks/ranks.h"
#include "util/channel.h"
#include "util/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct cli *program;

void cli_leave_as(const struct cli *cli)
{
    program = cli;
}

/* Lets several ranks begin before they know what to train. */
static void begin_ranks(void)
{
    int rank;

    if (program && (program->flags & CLI_RANKS) && launch_size(&rank) > 1)
        ranks_begin();
}

void cli_leave_begin(void)
{
    begin_ranks();
    ranks_agree("tasks", "to print and end");
    if (ranks_first())
        return;
    ranks_end();
    exit(STATUS_DONE);
}

void cli_leave(void)
{
    channel_finish_stdout();
    ranks_end();
    exit(STATUS_DONE);
}

void cli_mistake(const char *format, ...)
{
    va_list args;

    begin_ranks();
    if (error_before_dying)
        error_before_dying();
    fprintf(stderr, "%s: ", program_name);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fprintf(stderr, "\nusage: %.*s [OPTION...] %s   (--help for more)\n",
            (int)strcspn(program_name, ","), /* no ", rank 1" */
            program_name, program ? program->usage : "");
    exit(STATUS_USAGE);
}
