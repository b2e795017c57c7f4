/* JSON lines: an object a line.  Columns are the keys that the dialect wants, dotted
 * where they lie deeper ("business.id"), and, unless it names all of them, every other
 * key that it wants and whose value is text, a number, a truth value or a list of such; a
 * column begins with the first record that has the key.  Lists are joined by ", ". */
#ifndef DATA_JSON_LINES_H
#define DATA_JSON_LINES_H

#include "data/records.h"

extern const struct records_kind json_lines;

/* "&amp;", "&#39;", "&#x27;" and the like become characters, in place: the new length. */
size_t json_lines_decode_entities(char *text, size_t n);

#endif
