/* Random numbers with explicit state (xoshiro256**, Blackman and Vigna 2018).
 * Draws are keyed by what they are for, not by the order of work: make a new
 * generator for each (purpose, seed, epoch, row), and neither the number of
 * threads nor a restart changes any of them. */
#ifndef UTIL_RNG_H
#define UTIL_RNG_H

#include <stdint.h>

typedef struct rng {
    uint64_t s[4];
} rng;

/* purpose names filter and use ("cf-train dropout"); a and b are typically
 * epoch and row. */
rng rng_keyed(const char *purpose, uint64_t seed, uint64_t a, uint64_t b);

uint64_t rng_next(rng *r);

/* Uniform in [0, 1), 53 bits. */
double rng_uniform(rng *r);

/* Uniform integer in [0, n), n > 0, without bias (Lemire 2019). */
uint64_t rng_below(rng *r, uint64_t n);

/* Standard normal (Box and Muller, one of the pair). */
double rng_normal(rng *r);

/* n words of 64 bits: mixed values of a counter (splitmix64, Steele et al. 2014)
 * that starts at the generator's next number.  A loop that the compiler turns
 * into vectors, for draws by the million. */
void rng_fill(rng *r, uint64_t *words, int n);

/* Fisher-Yates. */
void rng_shuffle(rng *r, int *v, long n);

#endif
