/* All options of a program in one table, in the order of --help. */
#ifndef CLI_OPTION_TABLE_H
#define CLI_OPTION_TABLE_H

#include "cli/option.h"

enum { OPTIONS_MAX = 96 };

/* Empties the table; adds one option, or the program ends: there are too many.  A heading
 * (OPT_GROUP) belongs to the option that is added next. */
void option_table_clear(void);
void option_table_add(struct opt o);

/* The heading of the i-th option, or NULL; are there headings at all? */
const char *option_heading(int i);
bool option_has_headings(void);

/* The i-th option of the table, or NULL past the last; which one o, of the table, is. */
const struct opt *option_at(int i);
int option_index(const struct opt *o);

/* The option of that name (length), or NULL. */
const struct opt *option_find(const char *name, size_t length);

/* The option that a setting ("lr=1e-4") names, and where its value begins; NULL: none. */
const struct opt *option_of_setting(const char *setting, const char **value);

/* Sets what the preset of that name says; false if p (which may be NULL) has none. */
bool option_settings(const struct preset *p, const char *name);

/* Remembers all values as the ones that option_changed compares with. */
void option_keep_defaults(void);

/* Is the value of the option of that name another than the remembered one? */
bool option_changed(const char *name);

#endif
