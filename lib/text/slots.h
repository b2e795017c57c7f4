/* Templates such as "{title} ({year}), {class}": text with slots, filled once for
 * every row.  A slot without a value leaves no gap:
 *
 *   - brackets or quotes right around a slot come and go with it;
 *   - between two slots that have values stands what precedes the latter;
 *   - what precedes the first slot and follows the last one always stays;
 *   - where no slot has a value, the text is empty.
 *
 * "{{" and "}}" are braces. */
#ifndef TEXT_SLOTS_H
#define TEXT_SLOTS_H

#include "util/error.h"

struct slots;

/* Names are letters, digits, '_', '-', '.', or "*" alone.  NULL and the reason in
 * e, or free with slots_free. */
struct slots *slots_parse(const char *template, struct error *e);
void slots_free(struct slots *s);

/* Returns the number of slots of the template. */
int slots_count(const struct slots *s);
const char *slots_name(const struct slots *s, int i); /* borrowed */

/* value[i]: what slot i holds, NULL or "" for nothing.  Free with free(). */
char *slots_fill(const struct slots *s, const char *const *value);

#endif
