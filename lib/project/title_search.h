/* The best titles of the whole catalogue for a user, by what the model says behind the
 * user's prompt: a beam search over the trie of all titles, from which the user's own
 * items are cut.  No text that is no title can come out.
 *
 * A node's score is the log-likelihood of the tokens that lead to it, which bounds those
 * of all titles below it: going on never raises it.  In each round the model reads the
 * best open nodes, in packs below the prompt.  A node is open until its score is
 * below that of `top` titles already found, and then is dropped without loss.  Where
 * there are more than `beam` open nodes, only the best are kept: that may lose titles.
 * Where no node so lost has at least the score of the last title found, the result is
 * exact, the same as from scoring every title.
 *
 * With NORM_CHOICE a factor is a softmax over the tokens that go on to titles that are
 * left; with NORM_SUM, over the whole vocabulary. */
#ifndef PROJECT_TITLE_SEARCH_H
#define PROJECT_TITLE_SEARCH_H

#include "project/stage2.h"
#include "prompt/title_trie.h"

struct title_search {
    const struct stage2 *s;
    const struct title_trie *trie;
    enum score_norm norm; /* NORM_CHOICE or NORM_SUM */
    int top;              /* titles a user */
    int beam;             /* open nodes that are kept; 0: all, and an exact result */
};

/* One user's search, and what came of it. */
struct title_request {
    struct example example; /* target not looked at */
    enum split split;       /* how much history there is */
    const int32_t *cut;     /* (cuts) items that are not looked for */
    int64_t cuts;
    int32_t *item;          /* (top), written: best first, equal ones in order; then -1 */
    double *score;          /* (top), written; of items alone */
    int found;              /* written: how many of them */
    bool exact;             /* written: nothing that may be better was left out */
    long rows, rounds;      /* written: tokens that the model read, and the packs */
};

/* Searches for requests (count), in parallel.  Returns the number of history items that
 * the context had no room for, or -1 and the reason in e. */
long title_search(const struct title_search *t, struct title_request *requests, int count,
                  struct error *e);

#endif
