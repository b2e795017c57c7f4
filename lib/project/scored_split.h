/* What is scored by the LLM: the rows of candidates of a split, or texts in their place,
 * and the request to stage 2 that each of them is. */
#ifndef PROJECT_SCORED_SPLIT_H
#define PROJECT_SCORED_SPLIT_H

#include "cand/candidate_set.h"
#include "project/stage2_data.h"

/* The candidates of one split, and what they get. */
struct scored_split {
    enum split split; /* what the prompts may know: all of it for "next" */
    const char *name;
    bool is_next;
    struct candidate_set set;
    int32_t *own; /* of set's items, where they are no tensor's */
    const struct tensor *vectors; /* (users, width), NULL without users */
    struct tensor score;          /* (rows, columns), zeros */
};

/* Opens the candidates of a split (SPLIT_VALID, SPLIT_TEST or SPLIT_NEXT), cand.NAME, or
 * returns false where the input has none.  With users their vectors are user.cf.NAME.
 * Ends the program where these are of another width, or candidates not of this stream. */
bool scored_split_candidates(struct scored_split *s, struct filter *f, int split,
                             const struct stage2_data *d, bool users);

/* Opens the texts cand.NAME.text of the input, as if they were items; users are at their
 * validation item.  s borrows the name.  Ends the program where the template has no
 * answer, by which they are chosen.  From now on d's prompts choose among these texts. */
void scored_split_texts(struct scored_split *s, struct filter *f, const char *name,
                        struct stage2_data *d, bool users);

/* NaN, for the columns of no candidate. */
void scored_split_mark_pads(struct scored_split *s);

void scored_split_free(struct scored_split *s);

/* One row of candidates in one order, without the pads. */
struct row_request {
    struct stage2_request request;
    int *order, *candidate; /* (count) columns, and their items */
};

/* The row in the order of this number, which --seed and the user draw.  Order 0 is the
 * row's own, where another model has not sorted it ("next"). */
void row_request_open(struct row_request *r, const struct stage2_data *d,
                      const struct scored_split *s, int64_t row, int64_t order);
void row_request_free(struct row_request *r);

#endif
