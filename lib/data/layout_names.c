#include "data/layout_names.h"

#include "util/file.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Other systems write ORDERS.CSV. */
static bool ends_with(const char *s, const char *end)
{
    size_t n = strlen(s), k = strlen(end);

    return n >= k && strcasecmp(s + n - k, end) == 0;
}

char *layout_names_bare(const char *path)
{
    static const char *const packed[] = { ".gz", ".zst", ".xz" };
    const char *base = strcmp(path, "-") == 0 ? "-" : file_base(path);

    for (size_t i = 0; i < sizeof packed / sizeof *packed; i++)
        if (ends_with(base, packed[i]))
            return mem_format("%.*s", (int)(strlen(base) - strlen(packed[i])), base);
    return mem_string(base);
}

/* What '*' stands for in a name that fits the pattern, a new string; NULL: no fit. */
static char *star_in(const char *name, const char *pattern)
{
    const char *star = strchr(pattern, '*');
    size_t before = star ? (size_t)(star - pattern) : 0, n = strlen(name);

    if (!star)
        return strcasecmp(name, pattern) == 0 ? mem_string("") : NULL;
    if (n <= before + strlen(star + 1) || strncasecmp(name, pattern, before) != 0 ||
        !ends_with(name, star + 1))
        return NULL;
    return mem_format("%.*s", (int)(n - before - strlen(star + 1)), name + before);
}

char *layout_names_stem(const char *path, const char *const *patterns)
{
    char *name = layout_names_bare(path), *stem = NULL;

    for (; *patterns && !stem; patterns++)
        stem = star_in(name, *patterns);
    free(name);
    return stem;
}

bool layout_names_is(const char *path, const char *const *patterns, const char *stem)
{
    char *name = layout_names_bare(path);
    bool is = false;

    for (; *patterns && !is; patterns++) {
        char *star = star_in(name, *patterns);

        is = star && strcmp(star, stem) == 0;
        free(star);
    }
    free(name);
    return is;
}

/* folder/pattern with '*' replaced, packed or not, if there is such a file; or NULL. */
static char *there(const char *folder, const char *pattern, const char *stem)
{
    static const char *const behind[] = { "", ".gz", ".zst", ".xz" };
    const char *star = strchr(pattern, '*');
    int before = star ? (int)(star - pattern) : (int)strlen(pattern);

    for (size_t i = 0; i < sizeof behind / sizeof *behind; i++) {
        char *path = mem_format("%s/%.*s%s%s%s", folder, before, pattern,
                                star ? stem : "",
                                star ? star + 1 : "", behind[i]);

        if (file_exists(path))
            return path;
        free(path);
    }
    return NULL;
}

char *layout_names_first(const char *folder, const char *const *patterns,
                         const char *stem)
{
    char *path = NULL;

    for (; *patterns && !path; patterns++)
        path = there(folder, *patterns, stem);
    return path;
}
