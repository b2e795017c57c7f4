#include "util/rng.h"

#include <math.h>

#define GOLDEN 0x9e3779b97f4a7c15 /* 2^64 by the golden ratio, odd */

static inline uint64_t mixed(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

/* splitmix64: spreads a key over the state. */
static uint64_t mix(uint64_t *x)
{
    return mixed(*x += GOLDEN);
}

rng rng_keyed(const char *purpose, uint64_t seed, uint64_t a, uint64_t b)
{
    uint64_t key = 0xcbf29ce484222325;
    rng r;

    for (; *purpose; purpose++)
        key = (key ^ (unsigned char)*purpose) * 0x100000001b3;
    key ^= seed;
    key = mix(&key) ^ a;
    key = mix(&key) ^ b;
    for (int i = 0; i < 4; i++)
        r.s[i] = mix(&key);
    return r;
}

static uint64_t rotate(uint64_t x, int k)
{
    return x << k | x >> (64 - k);
}

uint64_t rng_next(rng *r)
{
    uint64_t *s = r->s, result = rotate(s[1] * 5, 7) * 9, t = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

double rng_uniform(rng *r)
{
    return (double)(rng_next(r) >> 11) * 0x1p-53;
}

uint64_t rng_below(rng *r, uint64_t n)
{
    __extension__ typedef unsigned __int128 wide;
    wide m = (wide)rng_next(r) * n;
    uint64_t floor = -n % n;

    while ((uint64_t)m < floor)
        m = (wide)rng_next(r) * n;
    return (uint64_t)(m >> 64);
}

double rng_normal(rng *r)
{
    double u = 1 - rng_uniform(r), v = rng_uniform(r);

    return sqrt(-2 * log(u)) * cos(2 * M_PI * v);
}

void rng_fill(rng *r, uint64_t *words, int n)
{
    uint64_t counter = rng_next(r);

#pragma omp simd
    for (int i = 0; i < n; i++)
        words[i] = mixed(counter + ((uint64_t)i + 1) * GOLDEN);
}

void rng_shuffle(rng *r, int *v, long n)
{
    for (long i = n - 1; i > 0; i--) {
        long j = (long)rng_below(r, (uint64_t)i + 1);
        int t = v[i];

        v[i] = v[j];
        v[j] = t;
    }
}
