/* A model's weights in a stream: PREFIX and the names of its table, so that weights
 * trained elsewhere load. */
#ifndef NN_PARAMS_STORE_H
#define NN_PARAMS_STORE_H

#include "nn/params.h"
#include "stream/filter.h"

/* Writes every tensor as PREFIX and its name, with attributes (closed by a NULL key;
 * NULL: none). */
void params_put(struct filter *f, const struct params *p, const char *prefix,
                const struct attr *attrs);

/* Fills p's values from what f kept, from tensor `first` on.  Ends the program where a
 * tensor is missing ("run MAKER first"), of another shape, or not finite. */
void params_load(struct params *p, struct filter *f, const char *prefix,
                 const char *maker, int first);

/* Writes the digest of all values into text, in hexadecimal. */
void params_digest(const struct params *p, char text[DIGEST_TEXT]);

/* Returns the whole number, from low to high, of the tensor's attribute key, or otherwise
 * where there is no such attribute.  Ends the program where the attribute is no such
 * number. */
long params_attr_number(struct filter *f, const char *name, const char *key, long low,
                        long high, long otherwise);

#endif
