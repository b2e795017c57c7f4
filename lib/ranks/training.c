#include "ranks/training.h"

#include "ranks/arithmetic.h"
#include "ranks/ranks.h"
#include "util/error.h"

#include <xxhash.h>

void training_begin(struct train_log *log, const char *kernels, uint64_t options)
{
    bool wanted = train_log_wanted(log);

    ranks_begin();
    ranks_agree("tasks", "to train");
    ranks_agree("programs", filter_name);
    ranks_agree("versions", MILLRACE_VERSION);
    ranks_agree("kernels of OpenBLAS (OPENBLAS_CORETYPE)", kernels);
    if (ranks_count() > 1)
        ranks_agree_on("arithmetic (by its processor or libraries)",
                       arithmetic_digest());
    ranks_agree_on("options", options);
    ranks_spread(&wanted, sizeof wanted); /* it decides when there is a validation */
    log->elsewhere = !ranks_first();
    log->path = ranks_first() ? log->path : wanted ? "rank 0" : NULL;
}

void training_check(long shares, const char *what)
{
    if (ranks_count() > shares)
        warn("%d ranks, but %ld %s a step: %ld without work", ranks_count(), shares, what,
             ranks_count() - shares);
}

void training_same(const void *weights, size_t bytes)
{
    if (ranks_count() > 1)
        ranks_agree_on("weights (by its processor or libraries)",
                       XXH3_64bits(weights, bytes));
}

void training_say(long steps)
{
    if (ranks_count() > 1 && steps > 0)
        say("%d ranks: %.0f bytes sent a step", ranks_count(),
            (double)ranks_sent() / (double)steps);
}
