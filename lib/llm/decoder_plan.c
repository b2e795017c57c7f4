#include "llm/decoder_parts.h"
#include "util/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Columns that nobody sees are cheaper than another product: gaps up to this are
 * computed and then masked. */
enum { BRIDGE = 16 };

static int segment_of(const struct decoder_pack *p, int row, int from)
{
    while (p->segment[from].end <= row)
        from++;
    return from;
}

/* The first row of segment s that is less than `window` positions before `row`, or the
 * segment's end.  Positions grow along a segment. */
static int first_seen(const struct decoder_pack *p, int s, int row, int window)
{
    int from = p->segment[s].first, to = p->segment[s].end;

    if (!window)
        return from;
    while (from < to) {
        int middle = from + (to - from) / 2;

        if (p->position[row] - p->position[middle] < window)
            to = middle;
        else
            from = middle + 1;
    }
    return from;
}

/* Marks the rows that `row` of segment s sees. */
static void mark_seen(unsigned char *mark, const struct decoder_pack *p, int s, int row,
                      int window)
{
    int from = first_seen(p, s, row, window);

    memset(mark + from, 1, (size_t)(row + 1 - from));
    for (s = p->segment[s].parent; s >= 0; s = p->segment[s].parent) {
        from = first_seen(p, s, row, window);
        memset(mark + from, 1, (size_t)(p->segment[s].end - from));
    }
}

/* Ranges of marked rows, side by side: w->column[row] is each one's column. */
static int lay_out(struct decoder_plan *plan, struct decoder_workspace *w, int rows)
{
    int columns = 0;

    for (int r = 0; r < rows;) {
        int from = r, to = r;

        if (!w->mark[r]) {
            r++;
            continue;
        }
        while (r < rows && r - to <= BRIDGE)
            if (w->mark[r++])
                to = r;
        MEM_PUSH(plan->range, plan->ranges, plan->range_room,
                 ((struct decoder_range){ from, to, columns }));
        for (int i = from; i < to; i++)
            w->column[i] = columns++;
        r = to;
    }
    return columns;
}

static void push_seen(struct decoder_plan *plan, int first, int from, int to)
{
    if (plan->seens > first && plan->seen[plan->seens - 1].to == from)
        plan->seen[plan->seens - 1].to = to;
    else
        MEM_PUSH(plan->seen, plan->seens, plan->seen_room,
                 ((struct decoder_range){ from, to, 0 }));
}

/* What `row` sees of segment s, after what it sees of its ancestors. */
static void list_ancestors(struct decoder_plan *plan, const struct decoder_pack *p,
                           const struct decoder_workspace *w, int first, int s, int row,
                           int window)
{
    int from;

    if (s < 0)
        return;
    list_ancestors(plan, p, w, first, p->segment[s].parent, row, window);
    from = first_seen(p, s, row, window);
    if (p->segment[s].end > from)
        push_seen(plan, first, w->column[from], w->column[p->segment[s].end - 1] + 1);
}

/* What query i, of segment s, sees, as columns. */
static void list_seen(struct decoder_plan *plan, const struct decoder_pack *p,
                      const struct decoder_workspace *w, int i, int s, int window)
{
    int first = plan->seens, row = plan->row[i];

    plan->seen_first[i] = first;
    list_ancestors(plan, p, w, first, p->segment[s].parent, row, window);
    push_seen(plan, first, w->column[first_seen(p, s, row, window)], w->column[row] + 1);
}

static void check_pack(const struct decoder_pack *p, const struct decoder_workspace *w)
{
    int row = 0;

    assert(p->rows > 0 && p->rows <= w->max_rows && p->wanted <= w->max_wanted);
    for (int s = 0; s < p->segments; s++) {
        assert(p->segment[s].first == row && p->segment[s].end >= row);
        assert(p->segment[s].parent >= -1 && p->segment[s].parent < s);
        row = p->segment[s].end;
    }
    assert(row == p->rows);
    for (int i = 0; i < p->wanted; i++)
        assert(p->want[i] < p->rows && p->want[i] > (i ? p->want[i - 1] : -1));
    (void)row;
    (void)w;
}

void decoder_plan_make(struct decoder_plan *plan, const struct decoder_pack *p,
                     struct decoder_workspace *w, int queries, const int *row, int window)
{
    int s = 0;

    check_pack(p, w);
    plan->seens = plan->ranges = plan->blocks = 0;
    plan->queries = queries;
    for (int i = 0; i < queries; i++)
        plan->row[i] = row ? row[i] : i;
    for (int first = 0; first < queries; first += DECODER_BLOCK) {
        int end = first + DECODER_BLOCK < queries ? first + DECODER_BLOCK : queries;
        int ranges = plan->ranges, columns, t = s;

        memset(w->mark, 0, (size_t)p->rows);
        for (int i = first; i < end; i++) {
            t = segment_of(p, plan->row[i], t);
            mark_seen(w->mark, p, t, plan->row[i], window);
        }
        columns = lay_out(plan, w, p->rows);
        MEM_PUSH(plan->block, plan->blocks, plan->block_room,
                 ((struct decoder_block){ first, end, ranges, plan->ranges, columns }));
        for (int i = first; i < end; i++) {
            s = segment_of(p, plan->row[i], s);
            list_seen(plan, p, w, i, s, window);
        }
    }
    plan->seen_first[queries] = plan->seens;
}

void decoder_plan_free(struct decoder_plan *plan)
{
    free(plan->row);
    free(plan->seen_first);
    free(plan->seen);
    free(plan->range);
    free(plan->block);
}
