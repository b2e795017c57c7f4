/* Data sets of a part of the items: those whose text has a word. */
#ifndef DATA_DATASET_ITEMS_H
#define DATA_DATASET_ITEMS_H

#include "data/dataset.h"

/* Keeps the interactions with items for which `having` tells the truth about a rule such
 * as "class~Comedy|Romance": the column of the item file has one of the words, case and
 * all, with no letter, digit or hyphen beside it.  Items without a record have none.
 * 0, or -1 and the reason: the rule is none, there is no such column, or no item of the
 * file has one of the words. */
int dataset_keep_items(struct dataset *d, const char *rule, bool having, struct error *e);

#endif
