/* A sequence model's weights in a stream: cf.NAME, with NAME from the state_dict of
 * the published code (SASRec) or of torch's own modules, so that weights trained
 * elsewhere load.  Sizes come from the shapes; what these do not tell is an attribute
 * or given. */
#ifndef CF_BACKBONE_STORE_H
#define CF_BACKBONE_STORE_H

#include "cf/backbone.h"
#include "stream/filter.h"

/* What shapes do not tell; 0 or NULL: as the stream says, else what stands here. */
struct backbone_hints {
    int heads;             /* SASRec: 1 */
    int maxlen;            /* GRU4Rec, NextItNet: 50 */
    const char *dilations; /* NextItNet: 1,4,1,4 and so on */
};

/* Writes every tensor. */
void backbone_put(struct filter *f, const struct backbone *m);

/* From what f kept of "cf.*".  Dies where a tensor is missing, of another shape, or
 * not finite.  Release with backbone_free. */
void backbone_load(struct backbone *m, const struct backbone_kind *kind, struct filter *f,
                   const struct backbone_hints *hints);

#endif
