#include "cf/cf_kind.h"

#include "history/trained_rows.h"
#include "util/error.h"
#include "util/mem.h"

#include <stdlib.h>

void cf_kind_expect(struct filter *f, const char *name, int found, int all,
                     const char *what)
{
    char *id = mem_format("%s.id", what);

    if (found != all && found != trained_rows(f, id))
        die("'%s' has %d %ss, expected the %d of '%s': was it trained on other data?", name,
            found, what, all, id);
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
