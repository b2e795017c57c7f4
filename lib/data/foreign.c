#include "data/foreign.h"

#include "util/mem.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FIRST "which is not read: make a CSV file of it first, with duckdb or pandas " \
              "(OTHER FORMATS in data-import(1))"

static const struct foreign {
    const char *name, *bytes; /* NULL: the bytes do not tell */
    const char *says;
} known[] = {
    { ".parquet", "PAR1", "a parquet file, " FIRST },
    { ".feather", "ARROW1", "an Arrow file, " FIRST },
    { ".arrow", NULL, "an Arrow file, " FIRST },
    { ".orc", "ORC", "an ORC file, " FIRST },
    { ".h5", "\x89HDF", "an HDF5 file, " FIRST },
    { ".sqlite", "SQLite format 3", "an SQLite database, " FIRST },
    { ".xls", "\xd0\xcf\x11\xe0", "an Excel file, " FIRST },
    { ".xlsx", NULL, "an Excel file, " FIRST },
    { ".ods", NULL, "a spreadsheet, " FIRST },
    { ".zip", NULL, "a zip archive, which is not read: unpack it first" },
};

enum { KNOWN = sizeof known / sizeof *known };

/* Is there a byte soon that no text has?  An id may be "PAR1" or begin with "ORC". */
static bool is_binary(const unsigned char *p, size_t n)
{
    for (size_t i = 0; i < n && i < 32; i++)
        if (p[i] < '\t')
            return true;
    return false;
}

const char *foreign_bytes(const unsigned char *p, size_t n)
{
    for (int i = 0; i < KNOWN; i++) {
        size_t k = known[i].bytes ? strlen(known[i].bytes) : 0;

        if (k > 0 && n >= k && memcmp(p, known[i].bytes, k) == 0 &&
            is_binary(p + k, n - k))
            return known[i].says;
    }
    return NULL;
}

const char *foreign_name(const char *path)
{
    const char *dot = strrchr(path, '.');

    for (int i = 0; dot && i < KNOWN; i++)
        if (strcasecmp(dot, known[i].name) == 0)
            return known[i].says;
    return NULL;
}

char *foreign_in_folder(const char *folder)
{
    DIR *d = opendir(folder);
    char *first = NULL;
    struct dirent *entry;

    while (d && (entry = readdir(d)))
        if (foreign_name(entry->d_name)
            && (!first || strcmp(entry->d_name, first) < 0)) {
            free(first);
            first = mem_string(entry->d_name);
        }
    if (d)
        closedir(d);
    return first;
}
