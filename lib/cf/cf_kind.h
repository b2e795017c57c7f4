/* What a CF model is by itself: a file cf_model_*.c each, a row of the table in cf_model.c. */
#ifndef CF_CF_KIND_H
#define CF_CF_KIND_H

#include "cf/cf_model.h"

struct cf_kind {
    const char *sign; /* the tensor by which a stream tells it from the others */
    const struct backbone_kind *backbone;
    void (*load)(struct cf_model *m, struct filter *f, const struct history *h,
                 const struct backbone_hints *hints);
    void (*free)(struct cf_model *m);
    void (*put)(struct filter *f, const struct cf_model *m);
    struct params *(*params)(struct cf_model *m);
    void (*item)(const struct cf_model *m, real *x, int item);
    void (*represent)(const struct cf_model *m, const struct history *h, real *x,
                      const struct cf_position *p, long n);

    /* The items' vectors (items, width) where a score is a dot product, else NULL... */
    const real *(*table)(const struct cf_model *m);
    /* ...and this: as cf_model_score. */
    void (*score)(const struct cf_model *m, real *score, const real *x, int first, int n);
    const char *(*network)(const struct cf_model *m, char text[DIGEST_TEXT]);
};

extern const struct cf_kind cf_sasrec, cf_gru4rec, cf_nextitnet, cf_ncf, cf_mf, cf_pop;

/* Dies unless the weights' tensor of that name is for all of f's items or users (what:
 * "item"), `all`, or for those that the models know. */
void cf_kind_expect(struct filter *f, const char *name, int found, int all,
                     const char *what);

/* Takes items that the model does not know out of a window; how many are left. */
int cf_kind_known(const struct cf_model *m, int32_t *window, int n);

#endif
