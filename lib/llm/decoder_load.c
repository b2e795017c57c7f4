#include "llm/decoder_load.h"

#include "llm/decoder_parts.h"
#include "util/file.h"
#include "util/mem.h"

#include <stdlib.h>

int decoder_file_open(struct decoder_file *f, const char *path, struct error *e)
{
    *f = (struct decoder_file){ 0 };
    return file_is_folder(path) ? decoder_file_open_hf(f, path, e)
                                : decoder_file_open_gguf(f, path, e);
}

void decoder_file_close(struct decoder_file *f)
{
    if (f->close)
        f->close(f->source.data);
    *f = (struct decoder_file){ 0 };
}

int decoder_pair_row(int r, int head_dim)
{
    int half = head_dim / 2, in = r % head_dim;

    return r - in + 2 * (in % half) + in / half;
}

int decoder_unpair_row(int r, int head_dim)
{
    int half = head_dim / 2, in = r % head_dim;

    return r - in + in / 2 + in % 2 * half;
}

struct decoder *decoder_load(const char *path, enum frozen_precision precision,
                             struct error *e)
{
    struct decoder_file *f = mem_new(1, sizeof *f);
    struct decoder *m = NULL;

    if (decoder_file_open(f, path, e) == 0) {
        m = decoder_make(&f->c, &f->source, precision);
        if (frozen_is_stored(precision)) {
            m->file = f;
            return m;
        }
    }
    decoder_file_close(f);
    free(f);
    return m;
}
