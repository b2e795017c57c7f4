/* What the parts of stage2_run.c share. */
#ifndef PROJECT_STAGE2_RUN_PARTS_H
#define PROJECT_STAGE2_RUN_PARTS_H

#include "project/stage2.h"
#include "prompt/token_tree.h"

/* What an example asks, where its guess is one hypothesis: the target under a hypothesis
 * that the CF model's belief draws, or, as a lesson, the hypothesis itself, whichever
 * candidate it is. */
struct stage2_lesson {
    int hypothesis, target; /* of the list's candidates */
};

/* One list on its way through the model. */
struct stage2_job {
    const struct slate *list;
    int first;                 /* its first example among all */
    struct token_tree q;
    struct trie_path *paths;   /* (examples) */
    int *user_of;              /* (segments) example of the list */
    struct stage2_lesson *lesson; /* (examples) */
    long soft;                 /* its first soft row among all */
    struct error error;
    int failed;
    long dropped;              /* history items that had no room */
};

/* stage2_run_build.c: makes the prompts of j->list.  Returns 0, or -1 and the reason in
 * j->error. */
int stage2_run_build(struct stage2_job *j, const struct stage2 *s, bool with_title);
void stage2_run_free(struct stage2_job *j);

#endif
