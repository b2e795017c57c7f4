/* What the tests of the Llama share. */
#ifndef TESTS_UNIT_LLAMA_HELP_H
#define TESTS_UNIT_LLAMA_HELP_H

#include "models/decoder.h"
#include "util/mem.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GGUF "tests/fixtures/tiny/SmolLM2.gguf"
#define FOLDER "tests/fixtures/tiny/llama"

static inline struct decoder *load_as(const char *path, enum frozen_precision precision)
{
    struct error e;
    struct decoder *m = decoder_load(path, precision, &e);

    if (!m)
        fail_msg("%s", e.text);
    return m;
}

static inline struct decoder *load(const char *path)
{
    return load_as(path, FROZEN_REAL);
}

static inline real *embed_all(const struct decoder *m, const int *id, int n)
{
    int width = decoder_config(m)->embed_width;
    real *x = mem_new((size_t)n * (size_t)width, sizeof *x);

    for (int i = 0; i < n; i++)
        decoder_embed(m, id[i], x + i * width);
    return x;
}

static inline int *counting(int n, int from)
{
    int *v = mem_new((size_t)n, sizeof *v);

    for (int i = 0; i < n; i++)
        v[i] = from + i;
    return v;
}

/* One sequence: logp (n - 1) of its own tokens and grad (n, width) of their sum;
 * grad NULL: forward only. */
static inline void plain(const struct decoder *m, const int *id, int n, real *logp,
                         real *grad)
{
    struct decoder_segment segment = { -1, 0, n };
    int *position = counting(n, 0);
    real *x = embed_all(m, id, n), *one = mem_new((size_t)n, sizeof *one);
    struct decoder_pack p = { n, x, position, 1, &segment, n - 1, position };
    enum decoder_keep keep = grad ? DECODER_BACKWARD : DECODER_FORWARD;
    struct decoder_workspace *w = decoder_workspace_new(m, n + 3, n, keep);
    struct decoder_term *term = mem_new((size_t)n, sizeof *term);

    for (int i = 0; i + 1 < n; i++) {
        term[i] = (struct decoder_term){ i, id[i + 1], false };
        one[i] = 1;
    }
    decoder_forward(m, &p, w);
    decoder_logp(m, w, term, n - 1, logp);
    if (grad)
        memcpy(grad, decoder_backward(m, w, term, one, n - 1),
               (size_t)(n * decoder_config(m)->embed_width) * sizeof *grad);
    decoder_workspace_free(w);
    free(position);
    free(x);
    free(one);
    free(term);
}

#endif
