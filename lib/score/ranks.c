#include "score/ranks.h"

#include "score/catalogue.h"
#include "util/error.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

const char *ranks_name(struct filter *f, const char *split, int i)
{
    char *prefix = mem_format("rank.%s.", split);
    const char *name;

    for (int kept = 0; (name = filter_kept_name(f, kept)); kept++)
        if (strncmp(name, prefix, strlen(prefix)) == 0 && i-- == 0)
            break;
    free(prefix);
    return name;
}

const char *ranks_scorer(const char *name)
{
    return strchr(strchr(name, '.') + 1, '.') + 1;
}

static void check_users(struct filter *f, const char *name, const struct tensor *user)
{
    const char *digest = filter_attr(f, name, "users");
    char found[DIGEST_TEXT];

    tensor_digest_text(user, found);
    if (!digest)
        warn("'%s' does not say whose ranks it holds; taken for these users'", name);
    else if (strcmp(digest, found) != 0)
        die("'%s' is of users %s, but these are %s: run cf-score again", name, digest,
            found);
}

const int32_t *ranks_take(struct filter *f, const char *name, const struct tensor *user)
{
    int64_t rows = tensor_rows(user);
    const int32_t *rank =
        filter_tensor_sized(f, name, DT_I4, rows, RANK_COLUMNS, "cf-score")->data;

    check_users(f, name, user);
    for (int64_t u = 0; u < rows; u++) {
        const int32_t *r = rank + u * RANK_COLUMNS;
        int above = r[RANK_ABOVE], tied = r[RANK_TIED], ranked = r[RANK_RANKED];

        if (above < 0 || tied < 0 || ranked < 1 || above > ranked - tied ||
            (tied == 0 && above > 0))
            die("'%s': row %lld: %d above and %d tied of %d is no place", name,
                (long long)u, above, tied, ranked);
    }
    return rank;
}
