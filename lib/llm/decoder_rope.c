#include "llm/decoder_rope.h"

#include "llm/decoder_parts.h"
#include "util/mem.h"

#include <math.h>

#define TURN (2 * 3.14159265358979323846)

double *decoder_rope_linear(const struct decoder_config *c, double factor)
{
    int half = decoder_rotated(c) / 2;
    double *f = mem_new((size_t)half, sizeof *f);

    for (int j = 0; j < half; j++)
        f[j] = factor;
    return f;
}

/* keep 1: the frequency as it is, 0: divided by factor. */
static double blended(double keep, double factor)
{
    keep = keep < 0 ? 0 : keep > 1 ? 1 : keep;
    return 1 / ((1 - keep) / factor + keep);
}

double *decoder_rope_llama3(const struct decoder_config *c, double factor, double low,
                            double high, double context)
{
    int rotated = decoder_rotated(c);
    double *f = mem_new((size_t)rotated / 2, sizeof *f);

    for (int j = 0; j < rotated / 2; j++) {
        double turns = context * pow(c->rope_theta, -2.0 * j / rotated) / TURN;

        f[j] = blended((turns - low) / (high - low), factor);
    }
    return f;
}

/* The place of the frequency that turns so often in `context` positions. */
static double place_of(const struct decoder_config *c, double turns, double context)
{
    return decoder_rotated(c) * log(context / (turns * TURN)) / (2 * log(c->rope_theta));
}

double *decoder_rope_yarn(const struct decoder_config *c, double factor, double fast,
                          double slow, double context, bool truncate)
{
    int rotated = decoder_rotated(c);
    double from = place_of(c, fast, context), to = place_of(c, slow, context);
    double *f = mem_new((size_t)rotated / 2, sizeof *f);

    if (truncate) {
        from = floor(from);
        to = ceil(to);
    }
    from = from > 0 ? from : 0;
    to = to < rotated - 1 ? to : rotated - 1;
    if (from == to)
        to += 0.001;
    for (int j = 0; j < rotated / 2; j++)
        f[j] = blended(1 - (j - from) / (to - from), factor);
    return f;
}

double decoder_rope_yarn_magnitude(double factor, double weight)
{
    return factor > 1 ? 0.1 * weight * log(factor) + 1 : 1;
}
