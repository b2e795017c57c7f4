#include "align/match.h"

#include <stddef.h>

const struct match match_off = { .what = "no loss", .alpha = .5, .beta = .2 };

#define KIND(name) &match_##name,
const struct match *const match_kinds[] = { MATCHES(KIND) NULL };

#define NAME(name) #name,
const char *const match_names[] = { MATCHES(NAME) NULL };

bool match_is_on(const struct match *m)
{
    return m->block || m->whole;
}
