/* A piece's tokens as they are merged: the lowest rank first, found by a heap. */
#ifndef TEXT_BPE_SYMBOLS_H
#define TEXT_BPE_SYMBOLS_H

#include "text/bpe_parts.h"

/* A list through prev and next. */
struct symbol {
    int id, prev, next; /* next -1: the last; id -1: merged into its left */
};

/* Room for one piece, used again for the next one; begins as { 0 }. */
struct bpe_symbols {
    struct symbol *symbol;
    size_t symbols, symbol_room;
    struct chance *heap;
    size_t chances, chance_room;
};

/* Adds a token behind the others; id -1 adds none. */
void bpe_symbols_add(struct bpe_symbols *w, int id);

/* Merges what has been added, one or more, by the merges of t.  The list from symbol[0]
 * on, through next, is the result. */
void bpe_symbols_merge(struct bpe_symbols *w, const struct bpe *t);

void bpe_symbols_free(struct bpe_symbols *w);

#endif
