/* The input of a training by several processes: rank 0 reads and checks it, and gives the
 * others the frames that are kept. */
#include "stream/filter_parts.h"

#include "ranks/ranks.h"
#include "util/mem.h"

#include <stdlib.h>

void filter_ranks_give(const struct frame *frame)
{
    uint64_t size = frame ? frame->size : 0;

    if (ranks_count() == 1)
        return;
    ranks_spread(&size, sizeof size);
    if (frame)
        ranks_spread((void *)frame->bytes, frame->size); /* only read in rank 0 */
}

void filter_ranks_take(struct filter *f)
{
    unsigned char *bytes = NULL;
    uint64_t size;

    for (;;) {
        struct frame frame;
        struct error e;

        ranks_spread(&size, sizeof size);
        if (size == 0)
            break;
        bytes = mem_resize(bytes, size, 1);
        ranks_spread(bytes, size);
        if (frame_parse(&frame, bytes, size, &e) < 0 ||
            store_add(&f->store, &frame, &e) < 0)
            die("a frame from rank 0: %s", e.text);
        frame_free(&frame);
    }
    free(bytes);
}
