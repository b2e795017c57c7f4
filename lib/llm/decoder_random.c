#include "llm/decoder_write.h"

#include "llm/decoder_config.h"
#include "util/mem.h"
#include "util/rng.h"

#include <stdlib.h>

struct random_model {
    double *factors;
    double deviation;
    int columns[DECODER_MATRICES];
    uint64_t seed;
};

/* A layer's place in the keys of draws: as many as the kinds that are drawn. */
enum { KINDS = 24 };

/* The sum of four numbers of 16 bits has variance 4/12 of their range's square. */
static real draw(rng *r, double scale)
{
    uint64_t u = rng_next(r);
    int64_t sum = (int64_t)((u & 0xffff) + (u >> 16 & 0xffff) + (u >> 32 & 0xffff)
                            + (u >> 48));

    return (real)((double)(sum - 2 * 0xffff) * scale);
}

/* Norms' weights are 1 and biases 0. */
static void random_row(real *row, enum decoder_matrix what, int layer, int index,
                       void *data)
{
    const struct random_model *m = data;
    rng r = rng_keyed("random model", m->seed,
                      (uint64_t)layer * KINDS + (uint64_t)what, (uint64_t)index);
    double scale = m->deviation * 1.7320508075688772 / 65536;

    for (int j = 0; j < m->columns[what]; j++)
        row[j] = decoder_is_vector(what) ? (real)decoder_is_norm(what) : draw(&r, scale);
}

static void close_random(void *data)
{
    struct random_model *m = data;

    free(m->factors);
    free(m);
}

int decoder_file_random(struct decoder_file *f, const char *config, uint64_t seed,
                        struct error *e)
{
    struct random_model *m = mem_new(1, sizeof *m);
    struct json_file json;
    double deviation = .02;
    int rows, failed;

    *f = (struct decoder_file){ .random = true };
    m->seed = seed;
    f->source = (struct decoder_source){ .row = random_row, .data = m,
                                         .close = close_random };
    failed = json_open(&json, config, e);
    if (!failed) {
        failed = decoder_config_hf(&f->c, &m->factors, &f->source.tied, &json, e) ||
                 json_number_or(&json, "initializer_range", 0, 100, deviation, &deviation,
                                e) ||
                 json_number_or(&json, "init_std", 0, 100, deviation, &m->deviation, e);
        json_close(&json);
    }
    if (failed) {
        decoder_file_close(f);
        return -1;
    }
    f->source.factors = m->factors;
    for (int what = 0; what < DECODER_MATRICES; what++)
        decoder_shape(&f->c, what, &rows, &m->columns[what]);
    return 0;
}
