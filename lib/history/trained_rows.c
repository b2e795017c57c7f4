#include "history/trained_rows.h"

#include "stream/store.h"
#include "util/error.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define KEY "known"

int64_t trained_rows(struct filter *f, const char *name)
{
    const struct stored *s = filter_stored(f, name);
    const char *text = s ? stored_attr(s, KEY) : NULL;
    int64_t rows = s ? s->rows : 0, known;
    char *end;

    if (!text)
        return rows;
    known = strtoll(text, &end, 10);
    if (end == text || *end || known < 0 || known > rows)
        die("'%s': known is '%s', expected a number from 0 to %" PRId64, name, text,
            rows);
    return known;
}

const char *trained_rows_digest(struct filter *f, const char *name,
                                const struct tensor *t, char text[DIGEST_TEXT])
{
    struct tensor known = *t;

    known.shape[0] = trained_rows(f, name);
    return tensor_digest_text(&known, text);
}

void trained_rows_need_all(struct filter *f, const char *name)
{
    const struct stored *s = filter_stored(f, name);
    int64_t new = s ? s->rows - trained_rows(f, name) : 0;

    if (new > 0)
        die("'%s' has no vectors of its last %" PRId64
            " items: train the CF model again, "
            "or map them by trained towers with align-embed",
            name, new);
}

struct attr trained_rows_attr(int64_t known, int64_t rows, char text[24])
{
    snprintf(text, 24, "%" PRId64, known);
    return (struct attr){ known < rows ? KEY : NULL, text };
}
