/* Ids, and their digests as numbering.h says it, for tests. */
#ifndef UNIT_NUMBERING_HELP_H
#define UNIT_NUMBERING_HELP_H

#include "stream/numbering.h"

#include <inttypes.h>
#include <stdio.h>
#include <xxhash.h>

/* "PREFIX0", "PREFIX1", ... */
static inline struct texts texts_of(const char *prefix, int count)
{
    struct texts t = { 0 };

    for (int i = 0; i < count; i++) {
        char text[64];

        texts_add(&t, text, (size_t)snprintf(text, sizeof text, "%s%d", prefix, i));
    }
    return t;
}

/* Each row's digest has the digest before as its seed. */
static inline const char *expected(const struct texts *t, int64_t rows, char *value)
{
    uint64_t h = 0;

    for (int64_t i = 0; i < rows; i++)
        h = XXH3_64bits_withSeed(texts_at(t, i), texts_length(t, i), h);
    snprintf(value, NUMBERING_VALUE, "%" PRId64 ":%016" PRIx64, rows, h);
    return value;
}

#endif
