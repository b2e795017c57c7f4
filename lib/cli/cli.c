#include "cli/cli.h"

#include "cli/cli_getopt.h"
#include "cli/cli_parts.h"
#include "cli/option_table.h"
#include "ranks/launch.h"
#include "util/channel.h"
#include "util/error.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/near.h"
#include "util/progress.h"

#include <assert.h>
#include <errno.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint64_t cli_seed = 1;
bool cli_only = false, cli_reads = false;
const char *cli_output = NULL;

static long seed = 1, threads = 0;
static const char *preset_name = NULL;
static const struct cli *current;
static bool given[OPTIONS_MAX];
struct cli_words cli_words;

/* The program's options, then the common ones. */
static void build_table(const struct cli *cli)
{
    option_table_clear();
    for (const struct opt *o = cli->options; o && o->type != OPT_END; o++)
        option_table_add(*o);
    if (option_has_headings())
        option_table_add((struct opt){ .type = OPT_GROUP, .name = "Common" });
    if (cli->presets)
        option_table_add((struct opt){ OPT_STRING, 0, "preset", &preset_name,
                                       "start from the settings of this preset",
                                       .record = OPT_IDLE });
    if (cli->flags & CLI_SEED)
        option_table_add((struct opt){ OPT_INT, 0, "seed", &seed,
                                       "seed of every random draw", 0, 9e15,
                                       .record = OPT_LOCAL });
    if (cli->flags & CLI_THREADS)
        option_table_add((struct opt){ OPT_INT, 0, "threads", &threads,
                                       "threads; the result is the same at any number", 1,
                                       1024, .record = OPT_IDLE });
    if (cli->flags & CLI_ONLY)
        option_table_add((struct opt){ OPT_FLAG, 0, "only", &cli_only,
                                       "write only this filter's own tensors",
                                       .record = OPT_IDLE });
    if (cli->flags & CLI_RANKS)
        option_table_add((struct opt){ OPT_OUTPUT, 'o', "output", &cli_output,
                                       "write the stream to FILE, whole or not at all",
                                       .record = OPT_LOCAL });
    if (cli->flags & CLI_PROGRESS)
        option_table_add((struct opt){
            OPT_FLAG, 0, "progress", &progress_wanted,
            "where stderr is no terminal, print a line a minute", .record = OPT_IDLE });
    option_table_add((struct opt){ OPT_FLAG, 'q', "quiet", &quiet,
                                   "print only errors on stderr", .record = OPT_IDLE });
}

_Noreturn static void print_help_and_leave(void)
{
    cli_leave_begin();
    cli_print_help(current);
    cli_leave();
}

/* A mistake, and what was meant where something is near, else ""; `dashes` stand before
 * that. */
_Noreturn static void mistake_near(const char *near, const char *dashes,
                                   const char *format, const char *word)
{
    char *text = mem_format(format, word);

    if (*near)
        cli_mistake("%s: did you mean %s%s?", text, dashes, near);
    cli_mistake("%s", text);
}

static void set_option(const struct opt *o, const char *text)
{
    struct error e;

    if (option_set(o, text, &e) < 0)
        cli_mistake("%s", e.text);
}

/* The words behind an option's first, up to the next option: with NULL they are only
 * passed over.  getopt goes on behind them.  The first it took without a look. */
static void take_words(const struct opt *o, int argc, char **argv)
{
    bool apart = optind > 1 && optarg == argv[optind - 1];

    if (o && apart && optarg[0] == '-')
        cli_mistake("--%s needs a value", o->name);
    for (; apart && optind < argc && argv[optind][0] != '-'; optind++)
        if (o)
            set_option(o, argv[optind]);
}

/* getopt moves operands behind the options, where words would take them up: it gets a
 * list of its own. */
static char **copy_words(int argc, char **argv)
{
    char **copy = mem_new((size_t)argc + 1, sizeof *copy);

    memcpy(copy, argv, (size_t)argc * sizeof *copy);
    return copy;
}

static const char *chosen;

static void choose(const char *name)
{
    chosen = name;
}

static void apply_preset(const char *name)
{
    struct near near;

    if (option_settings(current->presets, name))
        return;
    near_begin(&near, name);
    for (const struct preset *p = current->presets; p->name; p++)
        near_offer(&near, p->name);
    mistake_near(near.found, "", "--preset: there is no preset '%s'", name);
}

/* Calls take for every value of that option. */
static void each_value(int argc, char **words, const char *letters,
                       const struct option *longs, const char *name,
                       void (*take)(const char *value))
{
    char **argv = copy_words(argc, words);
    int code;

    while ((code = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
        if (code >= LONG_FIRST && code < LONG_NEGATED &&
            strcmp(cli_getopt_option(code)->name, name) == 0)
            take(optarg);
        if (cli_getopt_takes_words(code))
            take_words(NULL, argc, argv);
    }
    free(argv);
    optind = 0; /* begin again */
}

/* The chooser's defaults and presets come first wherever they stand, so that any
 * option wins over them. */
static void apply_presets(int argc, char **argv, const char *letters,
                          const struct option *longs)
{
    if (current->chooser)
        each_value(argc, argv, letters, longs, current->chooser, choose);
    if (chosen)
        option_settings(current->chosen, chosen);
    if (current->presets)
        each_value(argc, argv, letters, longs, "preset", apply_preset);
}

/* Does the word ("--n") begin the names of options? */
static bool begins_options(const char *word, const struct option *longs)
{
    size_t n = strcspn(word, "=");

    for (; longs->name && n > 2; longs++)
        if (strncmp(longs->name, word + 2, n - 2) == 0)
            return true;
    return false;
}

/* getopt's '?' is an unknown option or one that stands for several, both with
 * optopt 0, or a value that was given to a flag. */
static void bad_option(int code, int argc, char **argv, const struct option *longs)
{
    const char *word = optind > 0 && optind <= argc ? argv[optind - 1] : "";
    struct near near;
    char *name;

    if (code == ':')
        cli_mistake("%s needs a value", word);
    if (optopt >= LONG_HELP)
        cli_mistake("%.*s takes no value", (int)strcspn(word, "="), word);
    if (optopt)
        cli_mistake("there is no option -%c", optopt);
    if (begins_options(word, longs))
        cli_mistake("%s is short for several options", word);
    name = mem_format("%.*s", (int)strcspn(word, "="), word);
    near_begin(&near, name + 2);
    for (; longs->name; longs++)
        near_offer(&near, longs->name);
    mistake_near(near.found, "--", "there is no option %s", name);
}

static void print_version(void)
{
    cli_leave_begin();
    printf("%s (millrace) %s\n", program_name, MILLRACE_VERSION);
    cli_leave();
}

/* For a shell, which reads it when it is about to complete this program's words. */
_Noreturn static void print_completion_and_leave(const char *shell)
{
    cli_leave_begin();
    if (cli_print_completion(current, shell) < 0)
        cli_mistake("--completion: '%s' is none of bash, zsh, fish", shell);
    cli_leave();
}

static void take_option(const struct opt *o, const char *text)
{
    set_option(o, text);
    given[option_index(o)] = true;
}

/* An old word may say again what was said, but nothing else. */
static void take_synonym(const struct synonym *s)
{
    const char *value;
    const struct opt *o = option_of_setting(s->setting, &value);
    char said[256];

    if (!o)
        die("--%s stands for no option: %s", s->old, s->setting);
    option_format(o, said, sizeof said);
    if (given[option_index(o)] && strcmp(said, value) != 0)
        cli_mistake("--%s: is --%s %s, beside --%s %s", s->old, o->name, value, o->name,
                    said);
    take_option(o, value);
}

/* "millrace-cf-train", as it may be installed, is cf-train in streams. */
static void set_names(const char *name)
{
    size_t n = strlen(CLI_PREFIX);

    program_name = name;
    filter_name = strncmp(name, CLI_PREFIX, n) == 0 ? name + n : name;
}

/* The first operand is one of the kinds, which options come before or behind. */
static void take_kind(int argc, char **argv)
{
    char list[256] = "";
    struct near near;

    for (int i = 0; current->kinds[i]; i++) {
        if (optind < argc && strcmp(argv[optind], current->kinds[i]) == 0) {
            *current->kind = i;
            optind++;
            return;
        }
        snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", i ? ", " : "",
                 current->kinds[i]);
    }
    if (optind == argc)
        cli_mistake("the first word is missing, expected one of %s", list);
    near_begin(&near, argv[optind]);
    for (int i = 0; current->kinds[i]; i++)
        near_offer(&near, current->kinds[i]);
    if (*near.found)
        mistake_near(near.found, "", "'%s' is nothing that it does", argv[optind]);
    cli_mistake("'%s' is none of %s", argv[optind], list);
}

const char *cli_kind(void)
{
    return current->kinds ? current->kinds[*current->kind] : NULL;
}

int cli_parse(int argc, char **argv, const struct cli *cli)
{
    char letters[256];
    struct option longs[256];
    struct error e;
    int code;

    set_names(argc > 0 ? file_base(argv[0]) : "millrace");
    current = cli;
    cli_leave_as(cli);
    if (!(cli->flags & CLI_RANKS))
        launch_check_alone();
    channel_fill_standard();
    channel_stdout();
    threads = omp_get_num_procs();
    memset(given, 0, sizeof given);
    build_table(cli);
    cli_getopt_tables(cli, letters, longs);
    if (argc > 1 && strcmp(argv[1], "--completion") == 0)
        print_completion_and_leave(argc == 3 ? argv[2] : "");
    cli_reads = argc > 1 && strcmp(argv[1], "--reads") == 0;
    argc -= cli_reads;
    argv += cli_reads; /* getopt passes over the first word */
    opterr = 0;
    if (cli->presets || cli->chooser)
        apply_presets(argc, argv, letters, longs);
    option_keep_defaults();
    while ((code = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
        if (code == LONG_HELP || code == HELP_LETTER)
            print_help_and_leave();
        else if (code == LONG_VERSION)
            print_version();
        else if (code == '?' || code == ':')
            bad_option(code, argc, argv, longs);
        else if (code >= LONG_SYNONYM)
            take_synonym(&current->synonyms[code - LONG_SYNONYM]);
        else if (code >= LONG_NEGATED)
            take_option(option_at(code - LONG_NEGATED), "no");
        else
            take_option(cli_getopt_option(code), optarg ? optarg : "yes");
        if (cli_getopt_takes_words(code))
            take_words(cli_getopt_option(code), argc, argv);
    }
    if (cli->kinds)
        take_kind(argc, argv);
    cli_seed = (uint64_t)seed;
    if (cli->flags & CLI_THREADS)
        omp_set_num_threads((int)threads);
    cli_words = (struct cli_words){ argv, optind, argc };
    if (cli_check_paths(&cli_words, !(cli->flags & CLI_COMMAND), cli_reads, &e) < 0)
        cli_mistake("%s", e.text);
    return optind + cli_reads;
}

bool cli_given(const char *name)
{
    const struct opt *o = option_find(name, strlen(name));
    const char *const *listed = current->given;

    while (listed && *listed && strcmp(*listed, name) != 0)
        listed++;
    assert(listed && *listed);
    return o && given[option_index(o)];
}

bool cli_changed(const char *name)
{
    return option_changed(name);
}

const char *const *cli_given_list(void)
{
    static const char *const none[] = { NULL };

    return current->given ? current->given : none;
}

bool cli_has_seed(void)
{
    return current && (current->flags & CLI_SEED);
}

void cli_each_option(void (*each)(const char *name, const char *value, void *data),
                     void *data)
{
    const struct opt *o;
    char value[1024];

    for (int i = 0; (o = option_at(i)); i++) {
        if (o->record != OPT_RECORD)
            continue;
        option_format(o, value, sizeof value);
        each(o->name, value, data);
    }
}
