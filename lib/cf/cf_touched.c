#include "cf/cf_touched.h"

#include "util/mem.h"

#include <assert.h>
#include <stdlib.h>

void cf_touched_new(struct cf_touched *t, long rows, long room)
{
    *t = (struct cf_touched){ .room = room < rows ? room : rows };
    t->place = mem_new((size_t)rows, sizeof *t->place);
    t->row = mem_new((size_t)t->room, sizeof *t->row);
    for (long i = 0; i < rows; i++)
        t->place[i] = -1;
}

void cf_touched_free(struct cf_touched *t)
{
    free(t->place);
    free(t->row);
    *t = (struct cf_touched){ 0 };
}

void cf_touched_clear(struct cf_touched *t)
{
    for (long i = 0; i < t->count; i++)
        t->place[t->row[i]] = -1;
    t->count = 0;
}

void cf_touched_add(struct cf_touched *t, int32_t *id, long n)
{
    for (long i = 0; i < n; i++) {
        int32_t *place;

        if (id[i] < 0)
            continue;
        place = &t->place[id[i]];
        if (*place < 0) {
            assert(t->count < t->room);
            t->row[t->count] = id[i];
            *place = (int32_t)t->count++;
        }
        id[i] = *place;
    }
}
