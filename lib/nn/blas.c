#include "nn/blas.h"

#include "cli/cli.h"

#include <cblas.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *blas_kernels(void)
{
    return openblas_get_corename();
}

static bool has_avx512(void)
{
#ifdef __x86_64__
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
#else
    return false;
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
    char self[4096];
    ssize_t length;
    bool again = false;

    openblas_set_num_threads(1);
    cli_kernels = blas_kernels();
    if (getenv("MILLRACE_STARTED"))
        return;
    if (has_avx512() && strcmp(blas_kernels(), "Haswell") == 0)
        again |= prefer("OPENBLAS_CORETYPE", "SKYLAKEX");
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
