/* Between the files of util/cli: the values of options. */
#ifndef UTIL_CLI_PARTS_H
#define UTIL_CLI_PARTS_H

#include "util/cli.h"

/* Converts text and stores it in the option's variable, or a mistake (exit 2).
 * An option of text borrows it.  "no" clears a flag, anything else sets it. */
void option_set(const struct opt *o, const char *text);

/* The option's value as --help and the history print it, cut to size. */
void option_format(const struct opt *o, char *text, size_t size);

/* The words of an option of type OPT_WORDS, each in quotes (\" and \\ within), spaces
 * between: a new string. */
char *option_words_text(const struct opt *o);

/* What --help prints. */
void cli_print_help(const struct cli *cli);

/* The i-th option of the table, or NULL past the last. */
const struct opt *option_at(int i);

/* The option of that name, or NULL. */
const struct opt *option_find(const char *name, size_t length);

/* Sets what the preset of that name says; false if p (which may be NULL) has none. */
bool option_settings(const struct preset *p, const char *name);

/* Remembers all values as the ones that cli_changed compares with. */
void option_keep_defaults(void);

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
 * they files? */
void cli_check_paths(bool operands);

#endif
