#include "memo/digest.h"
#include "memo/plan_parts.h"
#include "util/file.h"

#include <stdlib.h>
#include <string.h>

void plan_add_file(struct plan *p, const struct cache *c, const char *kind,
                   const char *path)
{
    char digest[SUM_TEXT];
    struct error e;

    if (strcmp(path, "/dev/null") == 0)
        strcpy(digest, "empty");
    else if (digest_path(c, path, digest, &e) < 0)
        die("%s", e.text);
    else {
        word_list_push(&p->files, path);
        word_list_push(&p->digests, digest);
    }
    parts_add(&p->parts, kind, file_base(path), digest);
}

void plan_add_language(struct plan *p)
{
    static const char *const names[] = { "LANG", "LANGUAGE", "LC_ALL", "LC_COLLATE",
                                         "LC_CTYPE", "LC_NUMERIC", "LC_TIME", "TZ" };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (getenv(names[i]))
            parts_add(&p->parts, "environment", names[i], getenv(names[i]));
}
