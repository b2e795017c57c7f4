#include "nn/checkpoint.h"

#include "cli/cli.h"
#include "cli/option_text.h"

#include "temporary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *folder, *path;
static float weights[3];
static int64_t step;

static const struct checkpoint_section sections[] = {
    { "weights", weights, sizeof weights },
    { "nothing", NULL, 0 },
    { "step", &step, sizeof step },
};
static const struct checkpoint checkpoint = { "cf-train", 77, sections, 3, NULL };

static int make_folder(void **state)
{
    (void)state;
    folder = temporary_folder();
    path = file_join(folder, "checkpoint");
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    free(path);
    temporary_remove(folder);
    return 0;
}

static int save(void **state)
{
    struct error e;

    (void)state;
    weights[0] = 1, weights[1] = -2, weights[2] = 3e-30f;
    step = 1234567890123;
    return checkpoint_save(path, &checkpoint, &e);
}

static int clear(void **state)
{
    (void)state;
    return unlink(path);
}

static void what_was_saved_is_loaded(void **state)
{
    struct error e;

    (void)state;
    memset(weights, 0, sizeof weights);
    step = 0;
    assert_int_equal(checkpoint_load(path, &checkpoint, &e), 0);
    assert_true(weights[0] == 1 && weights[1] == -2 && weights[2] == 3e-30f);
    assert_int_equal(step, 1234567890123);
}

static void refused(const struct checkpoint *c, const char *words)
{
    struct error e;

    weights[0] = 5;
    assert_int_equal(checkpoint_load(path, c, &e), -1);
    if (!strstr(e.text, words) || !strstr(e.text, path))
        fail_msg("'%s' does not say '%s'", e.text, words);
    assert_true(weights[0] == 5);
}

static void other_options_are_refused(void **state)
{
    struct checkpoint other = checkpoint;

    (void)state;
    other.digest = 78;
    refused(&other, "made with other inputs or options (the options are these, the "
                    "inputs are not)");
    cli_seed = 5;
    refused(&other, "made with other inputs or options (--seed is 1 there, 5 now)");
    cli_seed = 1;
}

/* The first option that differs is named; one that begins as another is another. */
static void the_change_is_named(void **state)
{
    static const char there[] = "\nseed 1\nlr-end 3\nlr .1\nold 1\nempty \n";
    static const struct {
        const char *now, *change;
    } cases[] = {
        { "\nseed 1\nlr-end 3\nlr .1\n", NULL },
        { "\nseed 1\nlr .2\nlr-end 4\n", "--lr is .1 there, .2 now" },
        { "\nseed 1\nempty a b\n", "--empty is '' there, a b now" },
        { "\nnew 1\nseed 2\n", "--new is not an option there" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *change = option_text_change(there, cases[i].now);

        if (cases[i].change)
            assert_string_equal(change, cases[i].change);
        else
            assert_null(change);
        free(change);
    }
}

static void another_trainer_is_refused(void **state)
{
    struct checkpoint other = checkpoint;

    (void)state;
    other.trainer = "align-train";
    refused(&other, "a checkpoint of 'cf-train', expected one of align-train");
}

static void other_sections_are_refused(void **state)
{
    struct checkpoint_section s[3] = { sections[0], sections[1], sections[2] };
    struct checkpoint other = { "cf-train", 77, s, 3, NULL };

    (void)state;
    s[2].name = "stop";
    refused(&other, "section 2 is not 'stop' of 8 bytes");
    s[2].bytes = 4;
    refused(&other, "expected");
}

/* Writes the first n bytes of the checkpoint, one of them changed.  Read by stdio: what
 * the library has read it does not write. */
static void write_part(size_t n, size_t changed)
{
    unsigned char copy[4096];
    FILE *f = fopen(path, "rb");
    size_t size;

    assert_non_null(f);
    size = fread(copy, 1, sizeof copy, f);
    fclose(f);
    assert_in_range(size, 1, sizeof copy - 1);
    n = n < size ? n : size;
    if (changed < n)
        copy[changed] ^= 1;
    f = fopen(path, "wb");
    assert_int_equal(fwrite(copy, 1, n, f), n);
    fclose(f);
}

static void damage_is_seen(void **state)
{
    static const size_t lengths[] = { 0, 10, 64, 80, 100, 200 };

    write_part(SIZE_MAX, 130);
    refused(&checkpoint, "cut short or damaged");
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        assert_int_equal(save(state), 0);
        write_part(lengths[i], SIZE_MAX);
        refused(&checkpoint, "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_saved_is_loaded, save, clear),
        cmocka_unit_test_setup_teardown(other_options_are_refused, save, clear),
        cmocka_unit_test(the_change_is_named),
        cmocka_unit_test_setup_teardown(another_trainer_is_refused, save, clear),
        cmocka_unit_test_setup_teardown(other_sections_are_refused, save, clear),
        cmocka_unit_test_setup_teardown(damage_is_seen, save, clear),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
