/* One user on the way through the trie of all titles: what is open and what is found. */
#ifndef PROJECT_TITLE_WALK_H
#define PROJECT_TITLE_WALK_H

#include "project/title_search.h"

/* A node whose titles may still be among the best, all of those left below it. */
struct title_open {
    struct title_node node;
    double score; /* log-likelihood of the tokens that lead to it */
};

struct title_found {
    int32_t item;
    double score;
};

/* All of it is the searching thread's. */
struct title_walk {
    const struct title_search *t;
    struct title_request *request;
    struct title_cut cut;
    struct codes prompt;
    struct title_open *open;   /* (opens) */
    int opens, open_room;
    struct title_found *found; /* (founds) the best so far, best first after each round */
    int founds, found_room;
    double lost;               /* the best node that the beam had no room for */
    struct error error;
    int failed, dropped;
};

/* Adds the titles left in the node, all of them one, as found. */
void title_walk_find(struct title_walk *w, const struct title_node *n, double score);

/* Adds a node as open; or as found, where the model need not be asked any more. */
void title_walk_open(struct title_walk *w, const struct title_node *n, double score);

#endif
