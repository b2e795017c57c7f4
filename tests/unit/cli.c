#include "cli/cli.h"

#include "util/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static long count, range[2];
static double rate;
static const char *name, *model;
static bool pretty, inter;
static int mode;
static struct opt_words likes;

static const char *const modes[] = { "slow", "fast", NULL };

static const struct opt options[] = {
    { OPT_GROUP, .name = "Numbers" },
    { OPT_INT, 'n', "count", &count, "how many", 0, 100, NULL, OPT_RECORD },
    { OPT_REAL, 'r', "rate", &rate, "how fast", 0, 1, NULL, OPT_RECORD },
    { OPT_GROUP, .name = "Words" },
    { OPT_STRING, 0, "name", &name, "what name", 0, 0, NULL, OPT_RECORD },
    { OPT_PATH, 'm', "model", &model, "which model", 0, 0, NULL, OPT_RECORD },
    { OPT_FLAG, 0, "inter", &inter, "with these", 0, 0, NULL, OPT_RECORD },
    { OPT_FLAG, 'p', "pretty", &pretty, "nicer", 0, 0, NULL, OPT_LOCAL },
    { OPT_CHOICE, 0, "mode", &mode, "how", 0, 0, modes, OPT_RECORD },
    { OPT_RANGE, 0, "cands", range, "how many of them", 2, 50, NULL, OPT_RECORD },
    { OPT_WORDS, 'l', "likes", &likes, "what you like", 0, 0, NULL, OPT_RECORD },
    { .type = OPT_END },
};

static const char *const published[] = { "count=7", "rate=0.5", "inter=no", NULL };

static const struct preset presets[] = { { "published", published }, { NULL, NULL } };

static const struct synonym synonyms[] = {
    { "slowly", "mode=slow" }, { "fastest", "mode=fast" }, { NULL, NULL }
};

static const struct cli cli = {
    .synonyms = synonyms,
    .summary = "test options", .usage = "[FILE...]", .example = "cli -n 3",
    .options = options, .presets = presets, .flags = CLI_SEED | CLI_THREADS | CLI_ONLY,
};

static int defaults(void **state)
{
    (void)state;
    count = 10;
    rate = 0.25;
    name = model = NULL;
    pretty = false;
    inter = true;
    mode = 1;
    range[0] = 10;
    range[1] = 20;
    likes.count = 0;
    optind = 0;
    return 0;
}

enum { WORDS = 20 };

/* The words, of which the last is NULL, as a command line: the first operand. */
static int parse(const char *const *words)
{
    static char *argv[WORDS];
    int argc = 0;

    argv[argc++] = "cli";
    while (*words)
        argv[argc++] = (char *)*words++;
    argv[argc] = NULL;
    return argc - cli_parse(argc, argv, &cli); /* how many operands */
}

#define PARSE(...) parse((const char *const[]){ __VA_ARGS__, NULL })

/* In a child: its status, and what it printed on the stream fd. */
static int parse_child(const char *const *words, int fd, char *text, size_t size)
{
    int ends[2], status;
    ssize_t n;
    size_t used = 0;
    pid_t child;

    assert_int_equal(pipe(ends), 0);
    fflush(stdout);
    child = fork();
    if (child == 0) {
        dup2(ends[1], fd);
        close(ends[0]);
        parse(words);
        _exit(77);
    }
    close(ends[1]);
    while ((n = read(ends[0], text + used, size - 1 - used)) > 0)
        used += (size_t)n;
    text[used] = 0;
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void assert_mistake(const char *message, const char *const *words)
{
    char text[2048], want[512];

    assert_int_equal(parse_child(words, STDERR_FILENO, text, sizeof text), STATUS_USAGE);
    snprintf(want, sizeof want,
             "cli: %s\nusage: cli [OPTION...] [FILE...]   (--help for more)\n", message);
    assert_string_equal(text, want);
}

#define MISTAKE(message, ...)                                                  \
    assert_mistake(message, (const char *const[]){ __VA_ARGS__, NULL })

static void options_set_their_variables(void **state)
{
    (void)state;
    assert_int_equal(PARSE("-n", "3", "file", "--rate=1e-3", "--name", "", "-m",
                           "/a/b.gguf", "--mode", "slow", "more"), 2);
    assert_int_equal(count, 3);
    assert_true(rate == 1e-3);
    assert_string_equal(name, "");
    assert_string_equal(model, "/a/b.gguf");
    assert_int_equal(mode, 0);
    assert_true(inter);
}

static void flags_can_be_negated(void **state)
{
    (void)state;
    PARSE("--no-inter", "-p");
    assert_false(inter);
    assert_true(pretty);
    optind = 0;
    PARSE("--inter", "--no-pretty");
    assert_true(inter);
    assert_false(pretty);
}

static void ranges(void **state)
{
    (void)state;
    PARSE("--cands", "5");
    assert_int_equal(range[0], 5);
    assert_int_equal(range[1], 5);
    optind = 0;
    PARSE("--cands", "2..50");
    assert_int_equal(range[0], 2);
    assert_int_equal(range[1], 50);
    for (int i = 0; i < 6; i++) {
        static const char *const bad[] = {
            "1", "5..4", "2..51", "5..", "..5", "3..4..5"
        };
        char message[128];

        snprintf(message, sizeof message, "--cands: '%s' is not N or N..M from 2 to 50",
                 bad[i]);
        MISTAKE(message, "--cands", bad[i]);
    }
}

static void record(const char *option, const char *value, void *data)
{
    sprintf((char *)data + strlen(data), "%s=%s ", option, value);
}

static void words_go_on_to_the_next_option(void **state)
{
    char text[512] = "";

    (void)state;
    assert_int_equal(PARSE("in", "--likes", "Toy Story", "Fargo", "-n", "3", "more"), 2);
    assert_int_equal(likes.count, 2);
    assert_string_equal(likes.list[0], "Toy Story");
    assert_string_equal(likes.list[1], "Fargo");
    assert_int_equal(count, 3);
    defaults(NULL);
    assert_int_equal(PARSE("-l", "a \"b\" \\", "c", "--", "in", "-n"), 2);
    assert_int_equal(likes.count, 2);
    cli_each_option(record, text);
    assert_non_null(strstr(text, " likes=\"a \\\"b\\\" \\\\\" \"c\" "));
    defaults(NULL);
    assert_int_equal(PARSE("--likes=-a", "in", "-l", "b", "c", "-"), 2);
    assert_int_equal(likes.count, 3);
    assert_string_equal(likes.list[0], "-a");
    defaults(NULL); /* presets are looked for first, and must not stir the words */
    assert_int_equal(PARSE("in", "-l", "a", "b", "--preset", "published", "-l", "c"), 1);
    assert_int_equal(likes.count, 3);
    assert_string_equal(likes.list[1], "b");
    assert_int_equal(count, 7);
    defaults(NULL);
    MISTAKE("--likes needs a value", "--likes");
    MISTAKE("--likes needs a value", "--likes", "-n", "3");
    MISTAKE("--likes needs a value", "--likes", "--", "a");
}

static void numbers_are_strict(void **state)
{
    static const char *const no_int[] = { "3x", "", " 3", "+3", "0x10", "1e1", "101",
                                          "-1", "99999999999999999999", "3.0" };
    static const char *const no_real[] = { "nan", "inf", "", " 0.5", "0.5 ", "1.5",
                                           "-0.1", "0x1p-2", "1e999", "0,5", "." };
    char message[128];

    (void)state;
    for (size_t i = 0; i < sizeof no_int / sizeof *no_int; i++) {
        snprintf(message, sizeof message,
                 "--count: '%s' is not a whole number from 0 to 100", no_int[i]);
        MISTAKE(message, "--count", no_int[i]);
    }
    for (size_t i = 0; i < sizeof no_real / sizeof *no_real; i++) {
        snprintf(message, sizeof message, "--rate: '%s' is not a number from 0 to 1",
                 no_real[i]);
        MISTAKE(message, "--rate", no_real[i]);
    }
    PARSE("-n", "010"); /* ten, not eight */
    assert_int_equal(count, 10);
}

static void mistakes_are_named(void **state)
{
    (void)state;
    MISTAKE("there is no option --colour", "--colour");
    MISTAKE("there is no option --cuont: did you mean --count?", "--cuont=3");
    MISTAKE("there is no option --no-prety: did you mean --no-pretty?", "--no-prety");
    MISTAKE("there is no option -x", "-x");
    MISTAKE("--no is short for several options", "--no");
    MISTAKE("--quiet takes no value", "--quiet=yes");
    MISTAKE("--count needs a value", "--count");
    MISTAKE("-n needs a value", "-n");
    MISTAKE("--mode: 'medium' is none of slow, fast", "--mode", "medium");
    MISTAKE("--mode: 'fats' is none of slow, fast: did you mean fast?", "--mode", "fats");
    MISTAKE("--preset: there is no preset 'other'", "--preset", "other");
    MISTAKE("--threads: '0' is not a whole number from 1 to 1024", "--threads", "0");
}

static void options_win_over_presets_wherever_they_stand(void **state)
{
    (void)state;
    PARSE("-n", "3", "--preset", "published");
    assert_int_equal(count, 3);
    assert_true(rate == 0.5);
    assert_false(inter);
    optind = 0;
    defaults(NULL);
    assert_int_equal(PARSE("file", "--preset=published", "--inter", "--", "-n"), 2);
    assert_int_equal(count, 7);
    assert_true(inter);
    optind = 0;
    defaults(NULL);
    PARSE("--pres", "published"); /* abbreviated */
    assert_int_equal(count, 7);
    optind = 0;
    defaults(NULL);
    PARSE("--name", "--preset"); /* a value, not an option */
    assert_int_equal(count, 10);
}

static void old_words_set_what_they_stand_for(void **state)
{
    (void)state;
    assert_int_equal(PARSE("--slowly", "file"), 1);
    assert_int_equal(mode, 0);
    optind = 0;
    defaults(NULL);
    PARSE("--slowly", "--mode", "slow", "--slowly");
    assert_int_equal(mode, 0);
    optind = 0;
    MISTAKE("--slowly: is --mode slow, beside --mode fast", "--mode", "fast", "--slowly");
    MISTAKE("--fastest: is --mode fast, beside --mode slow", "--slowly", "--fastest");
    MISTAKE("--slowly takes no value", "--slowly=yes");
}

static void help_shows_what_the_variables_hold(void **state)
{
    static const char *const words[] = { "--help", NULL };
    static const char *const want[] = {
        "usage: cli [OPTION...] [FILE...]\n", "-n, --count N", "how many [10]\n",
        "how fast [0.25]\n", "with these [yes; --no-inter]\n", "how: slow|fast [fast]\n",
        "how many of them [10..20]\n", "published (count=7 rate=0.5 inter=no)",
        "example:\n  cli -n 3\n",
        "\n\nNumbers:\n  -n, --count N", "\n\nWords:\n      --name",
        "\n\nCommon:\n      --preset",
    };
    char text[4096];

    (void)state;
    assert_int_equal(parse_child(words, STDOUT_FILENO, text, sizeof text), STATUS_DONE);
    for (size_t i = 0; i < sizeof want / sizeof *want; i++)
        assert_non_null(strstr(text, want[i]));
    assert_null(strstr(text, "slowly"));
}

static void the_history_holds_what_changes_results(void **state)
{
    char text[512] = "";

    (void)state;
    PARSE("-m", "/models/x.gguf", "--seed", "7", "--threads", "2", "-p", "-q", "--only");
    cli_each_option(record, text);
    assert_string_equal(text, "count=10 rate=0.25 name= model=x.gguf inter=yes mode=fast "
                              "cands=10..20 likes= ");
    assert_true(cli_seed == 7 && cli_only && quiet && cli_has_seed());
    quiet = cli_only = false;
}

static void lists_of_numbers(void **state)
{
    long *list;

    (void)state;
    assert_int_equal(cli_int_list("k", "1,10,5", 1, 100, &list), 3);
    assert_int_equal(list[1], 10);
    free(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(options_set_their_variables, defaults),
        cmocka_unit_test_setup(flags_can_be_negated, defaults),
        cmocka_unit_test_setup(ranges, defaults),
        cmocka_unit_test_setup(words_go_on_to_the_next_option, defaults),
        cmocka_unit_test_setup(numbers_are_strict, defaults),
        cmocka_unit_test_setup(mistakes_are_named, defaults),
        cmocka_unit_test_setup(options_win_over_presets_wherever_they_stand, defaults),
        cmocka_unit_test_setup(old_words_set_what_they_stand_for, defaults),
        cmocka_unit_test_setup(help_shows_what_the_variables_hold, defaults),
        cmocka_unit_test_setup(the_history_holds_what_changes_results, defaults),
        cmocka_unit_test_setup(lists_of_numbers, defaults),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
