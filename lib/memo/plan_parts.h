/* Between the files of memo/plan. */
#ifndef MEMO_PLAN_PARTS_H
#define MEMO_PLAN_PARTS_H

#include "memo/plan.h"

#define MEMO_PARTS_VERSION "2" /* another one, and no older entry is found */

/* Adds to p's parts a line of that kind: the last part of the file's path and the digest
 * of the file's content. */
void plan_add_file(struct plan *p, const struct cache *c, const char *kind,
                   const char *path);

/* Adds to p's parts the variables of the environment that decide the language of a
 * program's words. */
void plan_add_language(struct plan *p);

/* Runs the program with --reads and takes its answers into p. */
void plan_take_answers(struct plan *p, const struct cache *c, char **words);

#endif
