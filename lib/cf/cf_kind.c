#include "cf/cf_kind.h"

#include "history/trained_rows.h"
#include "util/error.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

void cf_kind_expect(struct filter *f, const char *name, int found, int all,
                    const char *what)
{
    char *id = mem_format("%s.id", what);

    if (found != all && found != trained_rows(f, id))
        die("'%s' has %d %ss, expected the %d of '%s': was it trained on other data?",
            name, found, what, all, id);
    free(id);
}

int cf_kind_known(const struct cf_model *m, int32_t *window, int n)
{
    int left = 0;

    for (int i = 0; i < n; i++)
        if (window[i] < m->items)
            window[left++] = window[i];
    return left;
}

void cf_kind_dot(const struct cf_model *m, real *score, const real *items, const real *x,
                 int first, int n)
{
    real_gemv(CblasRowMajor, CblasNoTrans, n, m->width, 1, items + (long)first * m->width,
              m->width, x, 1, 0, score, 1);
}

static bool has(const char *const *words, const char *word)
{
    for (; words && *words; words++)
        if (strcmp(*words, word) == 0)
            return true;
    return false;
}

bool cf_kind_reads(const struct cf_kind *k, const char *option)
{
    return has(k->family->options, option) || has(k->options, option);
}
