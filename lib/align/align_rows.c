/* The rows of a batch and their fixed blocks. */
#include "align/align_parts.h"

enum { ROWS_AT_ONCE = 32 };

bool align_decodes_text(const struct align *m)
{
    return align_is_on(m->o.rec_text) || align_is_on(m->o.cross);
}

int align_blocks(int rows)
{
    return (rows + ROWS_AT_ONCE - 1) / ROWS_AT_ONCE;
}

bool align_matches(const struct align *m)
{
    return match_is_on(m->o.match) && align_is_on(m->o.match_weight);
}

int align_item_rows(const struct align *m, int n)
{
    bool positives = m->o.targets_only && !align_is_on(m->o.rec);

    return positives && !align_decodes_text(m) ? n : 2 * n;
}

int align_text_rows(const struct align *m, int n)
{
    if (!align_matches(m) && !align_is_on(m->o.beta) && !align_decodes_text(m))
        return 0;
    return m->o.targets_only && !align_decodes_text(m) ? n : 2 * n;
}

int align_block_from(int n, int i)
{
    int half = align_blocks(n);

    return i < half ? i * ROWS_AT_ONCE : n + (i - half) * ROWS_AT_ONCE;
}

int align_block_to(int n, int i)
{
    int end = i < align_blocks(n) ? n : 2 * n, to = align_block_from(n, i) + ROWS_AT_ONCE;

    return to < end ? to : end;
}

int align_shares(int n)
{
    return 2 * align_blocks(n);
}
