#include "stream/row_part.h"

#include "cli/cli.h"
#include "stream/cut_rows.h"
#include "util/error.h"

#include <stdlib.h>
#include <string.h>

#define PARTS_MAX 1000000

const char *row_part_share = NULL;
bool row_part_fragment = false;

static long share = 1, shares = 1; /* part share of shares, counted from 1 */

void row_part_parse(void)
{
    char *end;

    if (row_part_share && row_part_fragment)
        cli_mistake("--part and --fragment: one or the other");
    if (row_part_share) {
        share =
            strspn(row_part_share, "0123456789") ? strtol(row_part_share, &end, 10) : 0;
        shares = share > 0 && *end == '/' && strspn(end + 1, "0123456789")
                         ? strtol(end + 1, &end, 10) : 0;
        if (share < 1 || share > shares || shares > PARTS_MAX || *end)
            cli_mistake("--part: '%s' is not I/N with I from 1 to N", row_part_share);
    }
    cli_only |= row_part_share || row_part_fragment;
}

void row_part_open(struct filter *f)
{
    if (row_part_fragment)
        filter_accept_fragment_of_stdin(f);
}

/* Where the i-th of the shares begins, in blocks. */
static int64_t share_begin(int64_t blocks, long i)
{
    return blocks / shares * i + blocks % shares * i / shares;
}

bool row_part_has(struct filter *f, const char *name)
{
    const struct stored *s = filter_stored(f, name);

    return s && (!row_part_fragment || s->of_fragment);
}

struct row_part row_part_of(struct filter *f, const char *name, int64_t block)
{
    const struct stored *s = filter_stored(f, name);
    struct row_part p = { .all = s->rows };
    int64_t blocks, end;

    if (row_part_fragment) {
        p.first = s->first;
        p.count = stored_rows(s);
        if (p.first % block != 0)
            die("'%s' begins at row %lld, expected a multiple of %lld: cut it with "
                "stream-cat --rows %lld, or a multiple", name, (long long)p.first,
                (long long)block, (long long)block);
        return p;
    }
    blocks = (p.all + block - 1) / block;
    p.first = p.at = share_begin(blocks, share - 1) * block;
    end = share_begin(blocks, share) * block;
    p.count = (end < p.all ? end : p.all) - p.first;
    return p;
}

const char *row_part_digest(struct filter *f, const char *name, char text[DIGEST_TEXT])
{
    const struct stored *s = filter_stored(f, name);
    const char *whole = stored_attr(s, CUT_WHOLE);

    if (s->first == 0 && stored_rows(s) == s->rows)
        return tensor_digest_text(&s->tensor, text);
    if (!whole || strlen(whole) != DIGEST_TEXT - 1)
        die("'%s' is a part without a digest of the whole: cut it with stream-cat --rows",
            name);
    return strcpy(text, whole);
}

void row_part_put(struct filter *f, const struct row_part *p, const char *name,
                  const struct tensor *t, const struct attr *attrs)
{
    struct series_out s = { name, t, NULL, attrs };

    if (p->count == p->all && (p->all > 0 || share == 1))
        filter_put_group(f, &s, 1);
    else if (p->count > 0)
        filter_put_part(f, &s, 1, p->first, p->all);
}
