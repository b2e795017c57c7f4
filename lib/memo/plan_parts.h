/* Between the files of memo/plan. */
#ifndef MEMO_PLAN_PARTS_H
#define MEMO_PLAN_PARTS_H

#include "memo/plan.h"

#define MEMO_PARTS_VERSION "2" /* another one, and no older entry is found */

/* A line of that kind: the file's last path component and the digest of its content. */
void plan_add_file(struct plan *p, const struct cache *c, const char *kind,
                   const char *path);

/* The variables of the environment that decide the language of a program's words. */
void plan_add_language(struct plan *p);

/* Runs the program with --reads and takes its answers. */
void plan_take_answers(struct plan *p, const struct cache *c, char **words);

#endif
