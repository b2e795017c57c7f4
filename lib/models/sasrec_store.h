/* SASRec's weights in a stream: cf.NAME, with NAME from the published
 * state_dict, so that weights trained elsewhere load.  Sizes come from the
 * shapes; the number of heads is an attribute, 1 where there is none. */
#ifndef MODELS_SASREC_STORE_H
#define MODELS_SASREC_STORE_H

#include "models/sasrec.h"
#include "stream/filter.h"

/* Writes every tensor. */
void sasrec_put(struct filter *f, const struct sasrec *m);

/* From what f kept of "cf.*"; heads 0: as the stream says.  Dies where a tensor
 * is missing, of another shape, or not finite.  Release with sasrec_free. */
void sasrec_load(struct sasrec *m, struct filter *f, int heads);

/* Of all weights, in hexadecimal: text (DIGEST_TEXT). */
void sasrec_digest(const struct sasrec *m, char text[DIGEST_TEXT]);

#endif
