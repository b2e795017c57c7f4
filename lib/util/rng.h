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

/* Returns a generator for a purpose, which names filter and use ("cf-train dropout").  a
 * and b are what draws are keyed by besides, such as epoch and row. */
rng rng_keyed(const char *purpose, uint64_t seed, uint64_t a, uint64_t b);

/* Returns 64 uniform bits. */
uint64_t rng_next(rng *r);

/* Returns a number uniform in [0, 1), of 53 bits. */
double rng_uniform(rng *r);

/* Returns an integer uniform in [0, n), n > 0, without bias (Lemire 2019). */
uint64_t rng_below(rng *r, uint64_t n);

/* Returns a standard normal number (Box and Muller, one of the pair). */
double rng_normal(rng *r);

/* Fills words (n) with mixed values of a counter (splitmix64, Steele et al. 2014) that
 * starts at the generator's next number.  The compiler turns the loop into vectors, for
 * draws by the million. */
void rng_fill(rng *r, uint64_t *words, int n);

/* Shuffles v (n) by Fisher and Yates. */
void rng_shuffle(rng *r, int *v, long n);

#endif
