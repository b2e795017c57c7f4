/* The command line of every program: one table of options whose defaults are
 * whatever the variables hold, --help printed from the same table, numbers
 * converted strictly and checked against a range. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "cli/option.h"

#include <stdbool.h>
#include <stdint.h>

enum cli_flags {
    CLI_SEED = 1,    /* takes --seed */
    CLI_THREADS = 2, /* takes --threads */
    CLI_ONLY = 4,    /* takes --only (stream filters) */
    CLI_PROGRESS = 16, /* takes --progress: what computes for long */
    CLI_RANKS = 32,    /* one training by several processes: takes --output */
    CLI_COMMAND = 8, /* operands are another command: options end at the first */
};

struct cli {
    const char *summary;         /* "train a sequential recommender" */
    const char *usage;           /* "[FILE...]" */
    const char *example;         /* a line to paste */
    const struct opt *options;   /* closed by OPT_END */
    const struct preset *presets; /* NULL or closed by an empty name */
    const char *chooser;          /* NULL, or an option whose value names settings... */
    const struct preset *chosen;  /* ...that become the defaults, as a preset's would */
    const struct synonym *synonyms; /* NULL or closed by an empty one */
    unsigned flags;              /* enum cli_flags */
    const char *footer;          /* more help, NULL if none */
    const char *const *given;    /* closed by NULL: what cli_given may ask for */
    const char *const *kinds;    /* NULL, or what the first operand must be one of */
    int *kind;                   /* which it is */
};

/* The option of programs that print tables, an index into names, and the flags that it
 * had in earlier versions. */
#define FORMAT_OPTION(value, names)                                                    \
    { OPT_CHOICE, 0, "format", &(value), "layout of what is printed", .choices = names }
#define FORMAT_SYNONYMS { "tsv", "format=tsv" }, { "json", "format=json" }

/* What the common options set. */
extern uint64_t cli_seed; /* --seed, default 1 */
extern bool cli_only;     /* --only */
extern const char *cli_output; /* --output, NULL: standard output */
extern bool cli_reads; /* --reads, hidden, only as the first word: see stream/reads.h */

/* Does the program take --seed? */
bool cli_has_seed(void);

/* Parses; prints and exits for -h, --help, --version, --completion SHELL as the first
 * words (0) and mistakes (2).
 * Returns the index in argv of the first operand, behind that of struct cli's kinds. */
int cli_parse(int argc, char **argv, const struct cli *cli);

/* "program: message", the usage line, exit 2: for mistakes found later. */
_Noreturn void cli_mistake(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* Was the option given on the command line?  Only for those that struct cli names:
 * memo must know for which of them it makes a difference. */
bool cli_given(const char *name);

/* Is the option's value another than its default, that of struct cli's `chosen` or
 * of a preset where there is one?  Needs no naming: it follows from the values. */
bool cli_changed(const char *name);

/* Ends the program where the option has another value than its default, but is not used:
 * what it needs ("--by time") is not there. */
void cli_needs(const char *option, bool there, const char *what);

/* Ends the program where one of the options, closed by NULL, has another value than its
 * default, beside an option ("--lines") with which it does nothing. */
void cli_needs_none(const char *const *options, const char *beside);

/* The name of the option whose file is standard input, "-"; NULL: none. */
const char *cli_stdin_option(void);

/* Calls each(name, value, data) for every option that the history records, in
 * the table's order, defaults included, values as text. */
void cli_each_option(void (*each)(const char *name, const char *value, void *data),
                     void *data);

/* OpenBLAS's kernels in use, for cli_tell: set by blas_start, else NULL. */
extern const char *cli_kernels;

/* Calls tell(kind, text) for what --reads tells of the command line, each in turn; text
 * is borrowed.
 *   processor  what rounding may depend on: "SkylakeX avx2 fma"
 *   option     "name=value", exactly, or "name", of each option that can change what is
 *              written
 *   given      a name that cli_given may ask for, where the command line has it
 *   file       the path of a file that an option names; ends the program where there is
 *              no such file
 *   argument   a word of the command line before the operands
 *   operand    an operand */
void cli_tell(void (*tell)(const char *kind, const char *text));

/* A number that an option of type OPT_STRING holds instead of a word such as
 * "auto", within [low, high], or a mistake (exit 2). */
double cli_real(const char *option, const char *text, double low, double high);

/* "1,10" -> numbers; their count, or a mistake (exit 2).  Caller frees *list. */
int cli_int_list(const char *option, const char *text, long low, long high, long **list);

#endif
