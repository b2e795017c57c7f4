/* Tables as text: perhaps a header line that names the columns, then a record a line.
 * Every record is checked for its number of fields and for valid UTF-8; blank lines are
 * passed over. */
#ifndef DATA_DELIMITED_H
#define DATA_DELIMITED_H

#include "data/records.h"

extern const struct records_kind delimited;

#endif
