#include "stream/names.h"

#include <string.h>

/* The pattern's first n bytes count. */
static bool prefix_matches(const char *pattern, size_t n, const char *name)
{
    if (n > 0 && pattern[n - 1] == '*')
        return strncmp(pattern, name, n - 1) == 0;
    return strlen(name) == n && memcmp(pattern, name, n) == 0;
}

bool name_matches(const char *pattern, const char *name)
{
    return prefix_matches(pattern, strlen(pattern), name);
}

bool names_match(const char *list, const char *name)
{
    while (list && *list) {
        size_t n = strcspn(list, ",");

        if (prefix_matches(list, n, name))
            return true;
        list += n + (list[n] == ',');
    }
    return false;
}
