#include "ranks/arithmetic.h"

#include "util/mem.h"
#include "util/rng.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* Sides that no kernel's block divides, and numbers of each function: libraries that
 * round all but a thousandth alike are told apart. */
enum { ROWS = 61, COLUMNS = 67, NUMBERS = ROWS * COLUMNS };

/* Of a number x above 0. */
static void functions_of(float x, float narrow[6], double wide[7])
{
    double d = (double)x;
    float of_x[6] = { expf(-x), logf(x), log1pf(x), tanhf(x), sqrtf(x), erff(x) };
    double of_d[7] = { exp(-d), log(d), log1p(d), tanh(d), pow(d, .75), cos(d), sin(d) };

    memcpy(narrow, of_x, sizeof of_x);
    memcpy(wide, of_d, sizeof of_d);
}

uint64_t arithmetic_digest(void)
{
    float *x = mem_new(NUMBERS, sizeof *x), *product = mem_new(ROWS * ROWS, sizeof *x);
    float(*narrow)[6] = mem_new(NUMBERS, sizeof *narrow);
    double(*wide)[7] = mem_new(NUMBERS, sizeof *wide);
    XXH3_state_t *state = XXH3_createState();
    rng r = rng_keyed("arithmetic", 0, 0, 0);
    uint64_t digest;

    for (int i = 0; i < NUMBERS; i++) {
        x[i] = (float)(4 * rng_uniform(&r) + 1e-3);
        functions_of(x[i], narrow[i], wide[i]);
    }
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, ROWS, ROWS, COLUMNS, 1, x,
                COLUMNS, x, COLUMNS, 0, product, ROWS);
    XXH3_64bits_reset(state);
    XXH3_64bits_update(state, narrow, NUMBERS * sizeof *narrow);
    XXH3_64bits_update(state, wide, NUMBERS * sizeof *wide);
    XXH3_64bits_update(state, product, ROWS * ROWS * sizeof *product);
    digest = XXH3_64bits_digest(state);
    XXH3_freeState(state);
    free(x);
    free(product);
    free(narrow);
    free(wide);
    return digest;
}
