/* What a sentence-transformers folder does to a text's vector after the pooling: Dense,
 * Normalize, LayerNorm, in the order of modules.json.  Dropout does nothing here. */
#ifndef SBERT_SENTENCE_STEPS_H
#define SBERT_SENTENCE_STEPS_H

#include "util/error.h"

struct sentence_step;

/* All zero: none. */
struct sentence_steps {
    struct sentence_step *step;
    int n, room;
};

/* Appends the module of this type, whose folder is at path.  Returns 0, or -1 and the
 * reason in e where there is no such module, or one that does something else. */
int sentence_steps_add(struct sentence_steps *s, const char *type, const char *path,
                       struct error *e);
void sentence_steps_free(struct sentence_steps *s);

/* Returns the width of what comes out of vectors of `width`, -1 and the reason in e where
 * a step is for vectors of another; *most (in and out) becomes the largest on the way. */
int sentence_steps_width(const struct sentence_steps *s, int width, int *most,
                         struct error *e);

/* Runs the steps on v in place; spare is as large.  v and spare have room for the largest
 * vector on the way. */
void sentence_steps_run(const struct sentence_steps *s, float *v, float *spare,
                        int width);

#endif
