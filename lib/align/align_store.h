/* Stage 1's towers in a stream: align.item.fc1.weight, align.text.fc1.bias, ...
 * Sizes come from the shapes; the attribute text_scale says what item.text was
 * multiplied by. */
#ifndef ALIGN_ALIGN_STORE_H
#define ALIGN_ALIGN_STORE_H

#include "align/align.h"
#include "stream/filter.h"

/* Writes the digest of all weights of both towers into text, and returns text. */
const char *align_digest(const struct align *m, char text[DIGEST_TEXT]);

/* Writes both towers' tensors into f, with both digests and text_scale as attributes. */
void align_put(struct filter *f, const struct align *m, const char *cf_digest,
               const char *text_digest);

/* Makes m from what f has kept of "align.*".  Ends the program where a tensor is missing,
 * does not fit the others, or is not finite.  Release m with align_free. */
void align_load(struct align *m, struct filter *f);

/* Writes item.joint = f_I(source), or with is_text item.joint_text = f_T(source), with
 * the digests of source and towers as attributes.  Returns the tensor (rows, d'), which
 * the caller frees. */
struct tensor align_put_joint(struct filter *f, const struct align *m, bool is_text,
                              const struct tensor *source);

/* The same in two steps: f_I or f_T of rows [first, end) of source into joint
 * (rows, d'); writing joint, with more attributes (closed by a NULL
 * key). */
void align_joint_rows(const struct align *m, bool is_text, const struct tensor *source,
                      int64_t first, int64_t end, struct tensor *joint);
void align_put_rows(struct filter *f, const struct align *m, bool is_text,
                    const struct tensor *source, const struct tensor *joint,
                    const struct attr *more);

#endif
