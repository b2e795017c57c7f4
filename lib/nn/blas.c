#include "nn/blas.h"

#include "cli/cli.h"

#include <cblas.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *blas_kernels(void)
{
    return openblas_get_corename();
}

static bool is_one_of(const char *name, const char *const *names)
{
    while (*names && strcmp(name, *names) != 0)
        names++;
    return *names != NULL;
}

const char *blas_better(const char *kernels, bool avx512, bool avx2)
{
    static const char *const wide[] = { "SkylakeX", "Cooperlake", "SapphireRapids",
                                        NULL };
    static const char *const half[] = { "Haswell", "Zen", "Excavator", NULL };

    if (is_one_of(kernels, wide))
        return NULL;
    if (avx512)
        return "SKYLAKEX";
    return avx2 && !is_one_of(kernels, half) ? "HASWELL" : NULL;
}

/* The same for this processor. */
static const char *better_here(void)
{
#ifdef __x86_64__
    bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
                  && __builtin_cpu_supports("avx512dq")
                  && __builtin_cpu_supports("avx512vl");
    bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");

    return blas_better(blas_kernels(), avx512, avx2);
#else
    return NULL;
#endif
}

/* Sets a variable that the user has not set; says whether it did. */
static bool prefer(const char *variable, const char *value)
{
    if (getenv(variable))
        return false;
    setenv(variable, value, 1);
    return true;
}

void blas_start(char **argv)
{
    const char *better = better_here();
    char self[4096];
    ssize_t length;
    bool again = false;

    openblas_set_num_threads(1);
    cli_kernels = blas_kernels();
    if (getenv("MILLRACE_STARTED"))
        return;
    if (better)
        again |= prefer("OPENBLAS_CORETYPE", better);
    again |= prefer("OMP_WAIT_POLICY", "passive");
    if (!again)
        return;
    setenv("MILLRACE_STARTED", "1", 1);
    setenv("OPENBLAS_NUM_THREADS", "1", 1);
    length = readlink("/proc/self/exe", self, sizeof self - 1);
    if (length > 0) {
        self[length] = 0;
        execv(self, argv); /* goes on as it is where this fails */
    }
}
