/* A workspace of the LLM for each thread, kept from one call to the next: memory is
 * taken once, not zeroed and given back at every step. */
#ifndef REC_WORKSPACES_H
#define REC_WORKSPACES_H

#include "models/decoder.h"

struct workspaces;

/* Room for as many threads as OpenMP may use; free with workspaces_free. */
struct workspaces *workspaces_new(void);
void workspaces_free(struct workspaces *p);

/* The calling thread's workspace, made anew where it is too small, to be handed back
 * with workspaces_give.  Without a pool (p NULL) a fresh one, which is then freed. */
struct decoder_workspace *workspaces_take(struct workspaces *p, const struct decoder *m,
                                        int rows, int wanted, bool backward);
void workspaces_give(struct workspaces *p, struct decoder_workspace *w);

#endif
