/* The options as getopt_long has them, for cli.c. */
#ifndef CLI_CLI_GETOPT_H
#define CLI_CLI_GETOPT_H

#include "cli/cli.h"

#include <getopt.h>

/* What getopt_long returns beside an option's letter: LONG_FIRST + i for option i,
 * LONG_NEGATED + i for its --no-NAME, LONG_SYNONYM + i for synonym i. */
enum {
    HELP_LETTER = 'h',
    LONG_HELP = 1000,
    LONG_VERSION,
    LONG_FIRST,
    LONG_NEGATED = 2000,
    LONG_SYNONYM = 3000
};

/* Writes getopt_long's tables of the program's options and of the common ones; both end
 * as getopt_long wants it. */
void cli_getopt_tables(const struct cli *cli, char *letters, struct option *longs);

/* Returns the option of a letter or of LONG_FIRST + i, or NULL. */
const struct opt *cli_getopt_option(int code);

/* Does that code's option take all words up to the next option? */
bool cli_getopt_takes_words(int code);

#endif
