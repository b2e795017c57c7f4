/* Where fields and lines end in a table's text: found eight bytes at a time, ahead of the
 * records. */
#ifndef DATA_MARKS_H
#define DATA_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MARKS_BYTES = 16 << 10 }; /* of text that are looked at in one go */

struct marks {
    uint32_t at[MARKS_BYTES + 8]; /* (count) places of separators and line ends */
    size_t count;
    bool quotes;                  /* there is a '"' among the bytes */
};

/* Fills m from the first MARKS_BYTES of p (n bytes), or from all of it where n is less;
 * returns how many bytes that are. */
size_t marks_find(struct marks *m, const unsigned char *p, size_t n, char separator);

#endif
