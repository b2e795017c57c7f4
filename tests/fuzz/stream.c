#include "memory.h"
#include "readers.h"

#include "stream/walk.h"

enum { SUM_BYTES = 2 + STREAM_SUM_SIZE }; /* bin8, length, sum */

/* Reads the frame in n bytes at p; a change anywhere makes its sum wrong and would be
 * refused for that, so magic and sum are put right. */
static unsigned read_frame(uint8_t *p, size_t n)
{
    struct error e = { "" };
    struct frame f;
    const char *why;
    size_t whole;
    unsigned sum;

    if (n >= STREAM_MAGIC_SIZE + SUM_BYTES) {
        memcpy(p, stream_magic, STREAM_MAGIC_SIZE);
        p[n - SUM_BYTES] = 0xc4;
        p[n - SUM_BYTES + 1] = STREAM_SUM_SIZE;
        frame_sum_write(p + n - STREAM_SUM_SIZE, frame_sum(p, n - SUM_BYTES));
    }
    if (walk_object(p, n, &whole, &why) != WALK_WHOLE || whole != n)
        return 0; /* as in the reader, whose frames were walked */
    if (frame_parse(&f, p, n, &e) < 0)
        return refused(&e);
    sum = (unsigned)frame_chunk_rows(&f);
    if (f.kind == FRAME_TENSOR)
        sum += touch_bytes(f.tensor.data, tensor_bytes(&f.tensor));
    for (int64_t i = 0; f.kind == FRAME_TEXT && i < frame_chunk_rows(&f); i++)
        sum += touch_bytes(f.rows_of_text[i].via.str.ptr, f.rows_of_text[i].via.str.size);
    for (int i = 0; i < f.attr_count; i++)
        sum += (unsigned)(strlen(f.attrs[i].key) + strlen(f.attrs[i].value));
    frame_free(&f);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t at = 0, n;
    const char *why = "";

    while (at < size && walk_object(data + at, size - at, &n, &why) == WALK_WHOLE) {
        uint8_t *frame = memcpy(malloc(n), data + at, n); /* one byte too far is seen */

        read_frame(frame, n);
        free(frame);
        at += n;
    }
    return 0;
}
