/* A pack for the LLM while it is put together: rows as codes (prompt.h), segments,
 * the rows whose next token is asked for, and the tokens asked for there. */
#ifndef PROMPT_TOKEN_TREE_H
#define PROMPT_TOKEN_TREE_H

#include "llm/decoder.h"
#include "prompt/prompt.h"

struct token_tree {
    int *code, *position; /* (rows) */
    int rows, code_room, position_room;
    struct decoder_segment *segment;
    int segments, segment_room;
    int *want; /* (wanted) rows, increasing */
    int wanted, want_room;
    struct decoder_term *term;
    int terms, term_room;
};

/* Empties s and keeps its memory. */
void token_tree_clear(struct token_tree *s);
void token_tree_free(struct token_tree *s);

/* Opens a segment below `parent` (-1: none), whose positions follow the parent's
 * last row; returns its index.  Rows go to the segment opened last. */
int token_tree_open(struct token_tree *s, int parent);

/* Appends rows to the segment opened last. */
void token_tree_add(struct token_tree *s, const int *codes, int n);

/* Asks for what follows the last row.  Returns the index into want. */
int token_tree_want(struct token_tree *s);

/* Asks for a token at that index of want, with raw for its logit alone.  Returns the
 * index of the term. */
int token_tree_term(struct token_tree *s, int want, int token, bool raw);

/* Where soft tokens come from: rows of `width` numbers. */
struct soft_tokens {
    const real *user;     /* (width), the user of segment rows; see user_of */
    const real *guess;    /* (guesses, width), likewise */
    int guesses;          /* of each user */
    const real *item;     /* (items, width) by slot */
    const int *item_slot; /* (items of the catalogue) their slot */
};

/* Writes the embeddings (rows, width) of s: those of tokens from the model m, soft tokens
 * from soft.  user_of (segments) is the row of soft->user for each segment. */
void token_tree_embed(real *embeddings, const struct token_tree *s,
                      const struct decoder *m, const struct soft_tokens *soft,
                      const int *user_of);

/* Returns s as the model takes it; the pack borrows s and embeddings. */
struct decoder_pack token_tree_pack(const struct token_tree *s, const real *embeddings);

#endif
