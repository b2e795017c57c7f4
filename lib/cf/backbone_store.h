/* A sequence model's weights in a stream: cf.NAME, with NAME from the state_dict of
 * the published code (SASRec) or of torch's own modules, so that weights trained
 * elsewhere load.  Sizes come from the shapes; what these do not tell is an attribute
 * or given. */
#ifndef CF_BACKBONE_STORE_H
#define CF_BACKBONE_STORE_H

#include "cf/backbone.h"
#include "stream/filter.h"

/* From what f kept of "cf.*".  Dies where a tensor is missing, of another shape, or
 * not finite.  Release with backbone_free. */
void backbone_load(struct backbone *m, const struct backbone_kind *kind, struct filter *f,
                   const struct backbone_hints *hints);

/* For the kinds.  How many tensors there are of the name that format makes of 0, 1, 2
 * and so on; side `dim` of the float tensor of that name, or dies. */
int backbone_store_count(struct filter *f, const char *format);
int backbone_store_side(struct filter *f, const char *name, int ndim, int dim);

/* The longest window: of the hints, else of the tensor's attribute maxlen, else 50. */
int backbone_store_maxlen(struct filter *f, const char *name,
                          const struct backbone_hints *hints);

/* Writes every tensor with the attribute maxlen and, unless key is NULL, one more. */
void backbone_store_put(struct filter *f, const struct backbone *m, const char *key,
                        const char *value);

#endif
