/* Shares of ranks, and what the environment says of them; tests/cmd/ranks.bats runs
 * several. */
#include "ranks/launch.h"
#include "ranks/ranks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void unset(void)
{
    static const char *const names[] = { "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK",
                                         "PMI_SIZE", "PMI_RANK", "PMIX_RANK",
                                         "SLURM_STEP_NUM_TASKS", "SLURM_NTASKS",
                                         "SLURM_PROCID" };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unsetenv(names[i]);
}

static void nothing_is_said(void **state)
{
    int rank = 7;

    (void)state;
    unset();
    assert_false(launch_known());
    assert_int_equal(launch_size(&rank), 1);
    assert_int_equal(rank, 0);
}

static void sizes_and_ranks_are_read(void **state)
{
    int rank;

    (void)state;
    unset();
    setenv("PMI_SIZE", "3", 1);
    setenv("PMI_RANK", "2", 1);
    assert_true(launch_known());
    assert_int_equal(launch_size(&rank), 3);
    assert_int_equal(rank, 2);
    setenv("OMPI_COMM_WORLD_SIZE", "5", 1); /* comes first */
    assert_int_equal(launch_size(&rank), 5);
    assert_int_equal(rank, 0);
    setenv("OMPI_COMM_WORLD_SIZE", "many", 1); /* says nothing */
    assert_int_equal(launch_size(&rank), 3);
    unset();
}

/* srun's PMIx tells the rank, Slurm the number of tasks: of the step, else of the job. */
static void slurm_says_how_many(void **state)
{
    int rank;

    (void)state;
    unset();
    setenv("SLURM_NTASKS", "3", 1);
    setenv("SLURM_PROCID", "1", 1);
    assert_int_equal(launch_size(&rank), 1); /* a batch script's own */
    assert_false(launch_known());
    setenv("PMIX_RANK", "1", 1);
    assert_int_equal(launch_size(&rank), 3);
    assert_int_equal(rank, 1);
    setenv("SLURM_STEP_NUM_TASKS", "1", 1);
    setenv("PMIX_RANK", "0", 1);
    assert_int_equal(launch_size(&rank), 1);
    assert_false(launch_is_job());
    unset();
    setenv("PMIX_RANK", "2", 1); /* there are three at least */
    assert_int_equal(launch_size(&rank), 3);
    unset();
}

/* In one process all is there already. */
static void one_rank_has_all(void **state)
{
    int data[] = { 3, 4 };

    (void)state;
    ranks_begin();
    assert_true(ranks_first());
    assert_int_equal(ranks_count(), 1);
    assert_int_equal(ranks_from(0, 17), 0);
    assert_int_equal(ranks_from(1, 17), 17);
    ranks_gather(data, sizeof *data, (const long[]){ 0, 2 });
    ranks_spread(data, sizeof data);
    ranks_agree("options", "these");
    ranks_wait();
    assert_int_equal(data[0] + data[1], 7);
    assert_int_equal(ranks_sent(), 0);
    ranks_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_said),
        cmocka_unit_test(sizes_and_ranks_are_read),
        cmocka_unit_test(slurm_says_how_many),
        cmocka_unit_test(one_rank_has_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
