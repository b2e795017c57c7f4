/* A model's weights in a stream: PREFIX and the names of its table, so that weights
 * trained elsewhere load. */
#ifndef NN_PARAMS_STORE_H
#define NN_PARAMS_STORE_H

#include "nn/params.h"
#include "stream/filter.h"

/* Writes every tensor, with attributes (closed by a NULL key) or NULL. */
void params_put(struct filter *f, const struct params *p, const char *prefix,
                const struct attr *attrs);

/* Fills p's values from what f kept, of tensor `first` and on.  Dies where one is missing
 * ("run MAKER first"), of another shape, or not finite. */
void params_load(struct params *p, struct filter *f, const char *prefix,
                 const char *maker, int first);

/* Of all values, in hexadecimal: text (DIGEST_TEXT). */
void params_digest(const struct params *p, char text[DIGEST_TEXT]);

/* A whole number from low to high that an attribute of that tensor says, or
 * otherwise (no such attribute); dies where it is none. */
long params_attr_number(struct filter *f, const char *name, const char *key, long low,
                        long high, long otherwise);

#endif
