/* Between the files of cli/cli. */
#ifndef CLI_CLI_PARTS_H
#define CLI_CLI_PARTS_H

#include "cli/cli.h"

#define CLI_PREFIX "millrace-" /* of names, where programs are installed so */

/* What --help prints. */
void cli_print_help(const struct cli *cli);

/* What --completion SHELL prints: how that shell completes the program's options, their
 * words, files, and names of tensors.  0, or -1: no such shell. */
int cli_print_completion(const struct cli *cli, const char *shell);

/* Tells of the program, which cli describes, before it may leave. */
void cli_leave_as(const struct cli *cli);

/* Comes before anything that is printed instead of the program's work.  Of several ranks
 * the first goes on.  Ends them all where others would work. */
void cli_leave_begin(void);

/* Ends the program, well if all was printed. */
_Noreturn void cli_leave(void);

/* The first operand where it is one of struct cli's kinds, or NULL. */
const char *cli_kind(void);

/* struct cli's list, never NULL. */
const char *const *cli_given_list(void);

/* The command line as getopt left it: options in [1, first), then operands. */
struct cli_words {
    char **argv;
    int first, argc;
};
extern struct cli_words cli_words;

/* Refuses empty names, files that are input and output, and under --reads outputs that
 * memo would not keep: a mistake (exit 2), or the end where it is stdout.  operands: are
 * they files?
 * reads: under --reads.  0, or -1 and the reason. */
int cli_check_paths(const struct cli_words *w, bool operands, bool reads,
                    struct error *e);

#endif
