/* A data set as its files give it: interactions in file order, the ids they
 * name, and the columns of the item file. */
#ifndef DATA_DATASET_H
#define DATA_DATASET_H

#include "data/moment.h"
#include "text/string_index.h"
#include "util/error.h"

#include <stdbool.h>
#include <stdint.h>

/* A column of the item file, a row for each of its records. */
struct item_column {
    char *name;
    struct texts texts;
};

struct dataset {
    int64_t n;
    int32_t *user, *item; /* (n) numbers of users and items */
    int64_t *time;        /* (n) in units of `scale`, or the place in the file */
    uint64_t *fraction;   /* (n) orders equal times; NULL: all 0 */
    double *rating;       /* (n) within 32-bit floats, NULL where the file has none */
    uint8_t *split;       /* (n) enum split; NULL: the data set says nothing of it */
    const char *split_by; /* "files" or "column", what says it */
    bool has_time;
    struct moment_scale scale;
    struct string_index users, items; /* ids; items also of the item file */
    char *key;                 /* the interactions' column of items, NULL: no header */
    int columns;               /* of the item file but the id; 0 without one */
    struct item_column *column;
    int title;       /* the column that holds titles, or -1 */
    int64_t *record; /* (items) the item file's record of each item, or -1 */
    int64_t others;  /* records of items without interactions, passed over */
    int64_t cut;     /* texts of JSON that are longer than a stream can hold */
    int64_t twice;   /* records of the item file that are passed over: the item has one */
    bool has_items;  /* there is an item file */
};

/* What numbers in the column of times count: what each looks like, or all the same. */
enum dataset_unit { DATASET_UNIT_AUTO, DATASET_UNIT_S, DATASET_UNIT_MS, DATASET_UNIT_US,
                    DATASET_UNIT_NS };
extern const char *const dataset_unit_names[]; /* "auto", "s", ...; closed by NULL */

/* What to read, as data-import's options give it. */
struct dataset_choice {
    const char *format; /* "auto" or a layout's name */
    const char *items;  /* path of the item file; NULL: beside the interactions */
    const char *title;  /* the title's column; NULL: the usual names */
    const char *user, *item, *rating, *time; /* columns by name or number; likewise */
    const char *split;    /* the column that says what rows are for; NULL: none */
    const char *only;     /* COLUMN=VALUE|VALUE: interactions that have it; NULL: all */
    const char *encoding; /* NULL: the format's */
    int unit;             /* of times, DATASET_UNIT_AUTO: as they look */
    bool bare;            /* the interactions have no header */
    bool keep_items;      /* also records of items without interactions */
};

/* What the column of item ids, and that of titles, may be called; closed by NULL. */
extern const char *const dataset_item_names[], *const dataset_title_names[];

/* Reads the data set at path, a folder or the file of interactions: 0, or -1 and
 * the reason.  Release with dataset_free, also after an error. */
int dataset_read(struct dataset *d, const char *path, const struct dataset_choice *choice,
                 struct error *e);
void dataset_free(struct dataset *d);

/* Interaction `from` becomes interaction `to`. */
void dataset_move_row(struct dataset *d, int64_t to, int64_t from);

/* Keeps the interactions whose rating is at least least; their number. */
int64_t dataset_keep_rated(struct dataset *d, double least);

/* Drops users and items with fewer than k interactions until none is left that
 * has; *rounds is how many passes dropped something.  Returns the number kept. */
int64_t dataset_keep_core(struct dataset *d, int k, int *rounds);

/* Which interactions of a user with an item stay where there are several: all, or the
 * first or the last one in time (ties by file order). */
enum dataset_repeats { REPEATS_ALL, REPEATS_FIRST, REPEATS_LAST };
extern const char *const dataset_repeat_names[]; /* NULL closes */

/* Drops the others, where `keep` is not REPEATS_ALL.  Returns how many. */
int64_t dataset_drop_repeats(struct dataset *d, enum dataset_repeats keep);

/* Dense numbers in order of first appearance: user and item are rewritten, and
 * *users, *items (both owned by the caller) list the old number of each new one.
 * Items without interactions follow where keep_items is set. */
struct renumbered {
    int32_t *users, *items;
    int32_t user_count, item_count, dropped_items;
};
struct renumbered dataset_renumber(struct dataset *d, bool keep_items);

/* Sorts the interactions by user, then time, ties by file order; where there are splits
 * and times, ties by training, validation, test before that. */
void dataset_sort(struct dataset *d);

/* Keeps the interactions with items for which `having` tells the truth about a rule such
 * as "class~Comedy|Romance": the column of the item file has one of the words, case and
 * all, with no letter, digit or hyphen beside it.  Items without a record have none.
 * 0, or -1 and the reason: the rule is none, there is no such column, or no item of the
 * file has one of the words. */
int dataset_keep_items(struct dataset *d, const char *rule, bool having, struct error *e);

/* Distinct users and items among the interactions. */
void dataset_count(const struct dataset *d, int64_t *users, int64_t *items);

/* Interactions that repeat an earlier one of the same user and item; for sorted
 * and renumbered data. */
int64_t dataset_repeats(const struct dataset *d);

#endif
