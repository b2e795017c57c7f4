/* A pack for the LLM while it is put together: rows as codes (prompt.h), segments,
 * the rows whose next token is asked for, and the tokens asked for there. */
#ifndef PROMPT_TOKEN_TREE_H
#define PROMPT_TOKEN_TREE_H

#include "llm/decoder.h"
#include "prompt/prompt.h"

struct sequence {
    int *code, *position; /* (rows) */
    int rows, code_room, position_room;
    struct decoder_segment *segment;
    int segments, segment_room;
    int *want; /* (wanted) rows, increasing */
    int wanted, want_room;
    struct decoder_term *term;
    int terms, term_room;
};

/* Forgets what is in it and keeps the memory. */
void sequence_clear(struct sequence *s);
void sequence_free(struct sequence *s);

/* Opens a segment below `parent` (-1: none), whose positions follow the parent's
 * last row; returns its index.  Rows go to the segment opened last. */
int sequence_open(struct sequence *s, int parent);

/* Appends rows to the segment opened last. */
void sequence_add(struct sequence *s, const int *codes, int n);

/* Asks for what follows the last row; returns the index into want. */
int sequence_want(struct sequence *s);

/* Asks for a token there (its logit alone if raw); returns the term's index. */
int sequence_term(struct sequence *s, int want, int token, bool raw);

/* Where soft tokens come from: rows of `width` numbers. */
struct soft_tokens {
    const real *user;     /* (width), the user of segment rows; see user_of */
    const real *item;     /* (items, width) by slot */
    const int *item_slot; /* (items of the catalogue) their slot */
};

/* The pack's embeddings (rows, width): tokens from the model, soft tokens from
 * soft.  user_of (segments) gives the row of soft->user for each segment. */
void sequence_embed(real *embeddings, const struct sequence *s, const struct decoder *m,
                    const struct soft_tokens *soft, const int *user_of);

/* s as the model takes it; borrows s and embeddings. */
struct decoder_pack sequence_pack(const struct sequence *s, const real *embeddings);

#endif
