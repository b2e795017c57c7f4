/* What the parts of numbering.c share. */
#ifndef STREAM_NUMBERING_PARTS_H
#define STREAM_NUMBERING_PARTS_H

#include "stream/numbering.h"

#include <xxhash.h>

/* A column of texts: h(i+1) = XXH3-64 of row i with the seed h(i), h(0) = 0. */
struct chain {
    char *name;
    int64_t next, rows; /* that came; that there are: -1 where some are missing */
    uint64_t last;      /* h(next) */
    uint64_t *at;       /* at[i] is h(i + 1), where prefixes are remembered */
    int64_t room;
};

/* A column of the interactions. */
struct column {
    XXH3_state_t *state; /* NULL: has not come */
    int64_t next, rows;
};

enum { INTER_USER, INTER_ITEM, INTER_SPLIT, INTER_COLUMNS };

/* What kept tensors say that they stand on. */
struct claim {
    char *key, value[NUMBERING_VALUE];
};

struct numbering {
    unsigned on;
    bool prefixes;
    struct chain *chains;
    int chain_count, chain_room;
    struct column inter[INTER_COLUMNS];
    struct claim *claims;
    int claim_count, claim_room;
    char made[NUMBERING_ATTRS][NUMBERING_VALUE];
};

/* The column, or NULL; have all its rows come? */
struct chain *numbering_chain(const struct numbering *n, const char *name);
bool numbering_is_whole(const struct chain *c);

/* Returns the claim of a key, or NULL where there is none; n owns it. */
struct claim *numbering_claim(const struct numbering *n, const char *key);

/* "rows:digest". */
const char *numbering_value(int64_t rows, uint64_t digest, char value[NUMBERING_VALUE]);

#endif
