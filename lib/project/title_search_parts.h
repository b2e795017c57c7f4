/* Between title_search.c and title_search_round.c. */
#ifndef PROJECT_TITLE_SEARCH_PARTS_H
#define PROJECT_TITLE_SEARCH_PARTS_H

#include "project/title_walk.h"

/* Lets the model read the nodes (count, no two of which are below one another; sorted in
 * place) and adds what is below them.  Returns 0, or -1 and the reason in w->error. */
int title_search_read(struct title_walk *w, struct title_open *nodes, int count);

#endif
