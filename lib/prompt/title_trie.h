/* The answers of a whole catalogue as a trie.  The answers' tokens are sorted, so that a
 * node is a range of places: those whose answers begin with the same tokens.
 *
 *     place   item   answer
 *       0      17    Alien                  node (0, 3, 1): Alien, Alien 3, Aliens
 *       1       4    Alien 3                node (1, 2, 2): Alien 3
 *       2      29    Aliens                 the root: (0, 4, 0)
 *       3       8    Heat
 *
 * A cut takes some items out of it, those that a user has had. */
#ifndef PROMPT_TITLE_TRIE_H
#define PROMPT_TITLE_TRIE_H

#include "prompt/prompt.h"

struct title_trie {
    int items;
    int32_t *item;  /* (items) by place; those of equal answers ascending */
    int *token;     /* of all answers, by place */
    int64_t *first; /* (items + 1): the answer at place p is token[first[p]] and on,
                     * before token[first[p + 1]] */
    int longest;    /* tokens of the longest answer */
    int longest_item;
};

struct title_node {
    int first, end; /* places */
    int depth;      /* tokens that their answers begin with alike */
};

/* Makes t of the answers of all `items` items, by p, in parallel.  Returns 0, or -1 and
 * the reason in e: a title is no UTF-8 text.  Release t with title_trie_free. */
int title_trie_new(struct title_trie *t, const struct prompter *p, int items,
                   struct error *e);
void title_trie_free(struct title_trie *t);

/* Returns the token at that depth of the answer at a place, -1 behind its end. */
int title_trie_token(const struct title_trie *t, int place, int depth);

/* Returns how many tokens the answers at two places begin with alike. */
int title_trie_common(const struct title_trie *t, int a, int b);

/* Returns the tokens that the model reads where every answer is scored by the log of its
 * likelihood: one for each beginning that answers share or have, their last ones not. */
int64_t title_trie_rows(const struct title_trie *t);

/* Places that are out of the trie. */
struct title_cut {
    int *place; /* (count) ascending */
    int count;
};

/* Makes c the places of items (count), in any order.  Release c with title_cut_free. */
void title_cut_new(struct title_cut *c, const struct title_trie *t, const int32_t *items,
                   int64_t count);
void title_cut_free(struct title_cut *c);

/* Returns how many of places [first, end) are not cut. */
int title_cut_left(const struct title_cut *c, int first, int end);

/* Sets *child to the first child of n, at or behind place `from`, that has places left.
 * The children of n are its places by their next token; places whose answer ends at n are
 * none.  Returns whether there is one. */
bool title_node_child(struct title_node *child, const struct title_node *n, int from,
                      const struct title_trie *t, const struct title_cut *c);

/* Returns whether all answers left in n are one. */
bool title_node_is_one(const struct title_node *n, const struct title_trie *t,
                       const struct title_cut *c);

#endif
