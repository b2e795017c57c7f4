/* The item files of MovieLens: ids, titles, years and genres. */
#ifndef DATA_MOVIELENS_H
#define DATA_MOVIELENS_H

#include "data/records.h"

/* u.item of ml-100k: 24 fields, of which 19 say whether a film is of a genre; columns
 * item_id, title, year, genres ("Comedy|Drama"). */
extern const struct records_kind movielens_flags;

/* movies.dat or movies.csv: another column, year, from the end of the title; a movies.csv
 * with other columns stays as it is. */
extern const struct records_kind movielens_titles;

extern const char *const movielens_flag_columns[];

#endif
