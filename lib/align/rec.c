#include "align/rec.h"

#include <stddef.h>

#define KIND(name) &rec_##name,
const struct rec *const rec_kinds[] = { RECS(KIND) NULL };

#define NAME(name) #name,
const char *const rec_names[] = { RECS(NAME) NULL };
