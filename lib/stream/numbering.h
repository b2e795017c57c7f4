/* What the numbers in a stream mean.  Row 3 of item.cf is the item that item.id has in
 * row 3: the same data exported in another order has another item there.  So what is
 * derived names what its numbers stand on, as attributes "rows:digest" (16 hexadecimal
 * digits) under the name of that:
 *
 *     item.id       the items' ids in order         digest of a row after another
 *     user.id       the users' ids in order         (numbering_row)
 *     item.title    and the other columns that the texts behind item.text are of
 *     inter         inter.user and inter.item       (numbering_inter)
 *     inter.split   these and inter.split
 *
 * Ids and texts are also right for a longer list that begins with the rows of the digest:
 * what data-add appends changes no number.  A tensor without attributes is taken as it
 * is: files of other programs have none.
 *
 * The table of names is numbering_of; filters check what they keep against it, and write
 * its attributes, by themselves (filter_numbering.c). */
#ifndef STREAM_NUMBERING_H
#define STREAM_NUMBERING_H

#include "stream/frame.h"
#include "stream/writer.h"

/* Bits: what a tensor's rows or values stand on. */
enum {
    ON_ITEMS = 1,  /* item.id */
    ON_USERS = 2,  /* user.id */
    ON_INTER = 4,  /* which interactions there are, in order */
    ON_SPLIT = 8,  /* and which of them are held out */
    ON_TEXTS = 16, /* texts of the items */
};

struct numbered {
    const char *pattern; /* of its name */
    unsigned on;
    const char *maker; /* which filter to run again */
};

/* Returns the first row of the table that matches the name; where none does, a row
 * without bits. */
const struct numbered *numbering_of(const char *name);

/* The whole table, closed by a NULL pattern: for tests. */
extern const struct numbered numbering_table[];

/* Returns the bits of every name that the pattern may match; texts: of texts alone. */
unsigned numbering_of_pattern(const char *pattern, bool texts);

/* Returns the i-th name of the bits' sources in a stream, or pattern of texts, or NULL
 * where there are fewer. */
const char *numbering_source(unsigned on, int i, bool *texts);

/* What a filter knows of its stream's numbers. */
struct numbering;

/* It looks at the sources of these bits; prefixes are remembered where they are to be
 * compared with (8 bytes a row). */
struct numbering *numbering_new(unsigned on, bool prefixes);
void numbering_free(struct numbering *n);

/* A frame that is read; of a fragment, whose rows may be some of all. */
void numbering_read(struct numbering *n, const struct frame *f, bool fragment);

/* A whole text or tensor that is about to be written. */
void numbering_write(struct numbering *n, const char *name, const struct texts *texts,
                     const struct tensor *t);

/* The next row of a text that is about to be written, of `rows` in all. */
void numbering_row(struct numbering *n, const char *name, int64_t row, int64_t rows,
                   const char *text, size_t length);

/* Does the value of the attribute agree with the stream?  Where the stream lacks the
 * source, all values of a key must be one.  0, or -1 and the reason, which begins with
 * the source's name; a value that is none of ours is wrong. */
int numbering_check(struct numbering *n, const char *key, const char *value,
                    struct error *e);

/* What is written stands on texts of that column: value is the attribute's. */
void numbering_use(struct numbering *n, const char *column, const char *value);

/* The attribute's value for texts (all rows) as such, into value. */
enum { NUMBERING_VALUE = 40 };
const char *numbering_of_texts(const struct texts *t, char value[NUMBERING_VALUE]);

/* The same of a part of them, whose maker says what the whole is (cut_rows.h). */
const char *numbering_of_part(int64_t rows, const char *whole,
                              char value[NUMBERING_VALUE]);

/* The attributes of a tensor or text of that name and as many rows, as far as they are
 * known, into list; how many.  The text in them is n's own until its next call.  Rows of
 * items or users that are not as many as the ids are others' rows: without attribute. */
enum { NUMBERING_ATTRS = 264 };
int numbering_attrs(struct numbering *n, const char *name, int64_t rows,
                    struct attr list[NUMBERING_ATTRS]);

/* Is it one of the keys above? */
bool numbering_is_key(const char *key);

#endif
