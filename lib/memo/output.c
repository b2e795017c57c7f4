#include "memo/output.h"

#include "util/channel.h"
#include "util/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE (1 << 18)

void output_frames(struct filter *f, const struct entry *t)
{
    char *path = mem_format("/proc/self/fd/%d", t->fd);
    const struct frame *frame;
    struct error e;
    struct reader *r = reader_open(path, &e);
    int64_t done = 0;

    if (!r)
        die("%s", e.text);
    while (done < t->size) {
        if (reader_next(r, &frame) <= 0)
            die("%s", reader_error(r));
        done += (int64_t)frame->size;
        if (frame->kind != FRAME_END)
            filter_put_frame(f, frame);
    }
    reader_close(r);
    free(path);
    filter_leave_no_head(f);
    filter_close(f);
}

void output_bytes(const struct entry *t)
{
    char *piece = mem_new(PIECE, 1);
    int64_t done = 0;
    int error;

    while (done < t->size) {
        size_t want = t->size - done < PIECE ? (size_t)(t->size - done) : PIECE;
        ssize_t n = pread(t->fd, piece, want, done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            die("reading the output again: %s", n ? strerror(errno) : "it is cut short");
        if ((error = write_all(STDOUT_FILENO, piece, (size_t)n)) != 0)
            die("<stdout>: %s", strerror(error));
        done += n;
    }
    if (close(STDOUT_FILENO) < 0 && errno != EINTR)
        die("<stdout>: %s", strerror(errno));
    free(piece);
}
