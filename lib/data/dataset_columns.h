/* Which column of a file is what: by the options, or by the names that people use. */
#ifndef DATA_DATASET_COLUMNS_H
#define DATA_DATASET_COLUMNS_H

#include "data/dataset.h"
#include "data/records.h"

/* Columns of the interaction file; -1 where there is none. */
struct dataset_columns {
    int user, item, rating, time, split;
    int only;          /* --only's, */
    const char *value; /* and what it must be: words with '|' between */
    int event;         /* a column of kinds of events, where --only is not given */
};

/* 0, or -1 and the reason: a column that is needed or asked for is not there. */
int dataset_columns_find(struct dataset_columns *c, const struct records *t,
                         const struct dataset_choice *choice, struct error *e);

/* Does --only take the record? */
bool dataset_columns_takes(const struct dataset_columns *c, const struct records *t);

/* Is it, but for case and joints, a name by which dataset_columns_find knows a column? */
bool dataset_columns_known(const char *key);

/* Finds the columns again after records_next, which has given t more columns.  Where
 * interactions were taken before (begun), none of the four may be another column now, or
 * be there for the first time.  0, or -1 and the reason. */
int dataset_columns_again(struct dataset_columns *c, const struct records *t,
                          const struct dataset_choice *choice, bool begun,
                          struct error *e);

/* Has the record ratings or times as objects, and so no column of them?  0, or -1 and the
 * reason. */
int dataset_columns_check(const struct dataset_columns *c, const struct records *t,
                          struct error *e);

/* The item file's column of ids, or -1: the one asked for, or else the one that is named
 * as the interactions' (NULL: that has no name), or else one of a usual name. */
int dataset_columns_item(const struct records *t, const struct dataset_choice *choice,
                         const char *interactions);

/* Were the header's names (four) a row of Amazon's ratings: two ids, of which the item's
 * has ten characters, and two numbers?  Columns are then numbered; c gets them. */
bool dataset_columns_amazon(struct dataset_columns *c, const struct records *t);

/* The format's own keys (NULL: none) and those that the options name, for JSON: closed by
 * one without a name; free with dataset_columns_free_keys.  The item file need not have
 * the interactions' key of items. */
struct records_key *dataset_columns_keys(const struct records_key *own,
                                         const struct dataset_choice *choice, bool items);
void dataset_columns_free_keys(struct records_key *keys);

#endif
