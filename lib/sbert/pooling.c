#include "sbert/pooling.h"

#include <math.h>
#include <string.h>

#define WIDTH_MAX (1 << 20)

/* In the order in which flags stand behind each other. */
static const struct {
    enum pooling way;
    const char *flag, *name;
} names[] = {
    { POOL_CLS, "pooling_mode_cls_token", "cls" },
    { POOL_MAX, "pooling_mode_max_tokens", "max" },
    { POOL_MEAN, "pooling_mode_mean_tokens", "mean" },
    { POOL_MEAN_SQRT, "pooling_mode_mean_sqrt_len_tokens", "mean_sqrt_len_tokens" },
    { POOL_WEIGHTED, "pooling_mode_weightedmean_tokens", "weightedmean" },
    { POOL_LAST, "pooling_mode_lasttoken", "lasttoken" },
};

static int add_name(struct poolings *p, const char *path, const json_t *v,
                    struct error *e)
{
    const char *name = json_string_value(v);

    for (size_t i = 0; name && i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i].name, name) == 0) {
            if (p->ways == 2 * POOLINGS)
                return fail(e, "%s: more than %d pooling modes", path, 2 * POOLINGS);
            p->way[p->ways++] = names[i].way;
            return 0;
        }
    return fail(e, "%s: pooling \"%.60s\", expected cls, mean, max, "
                   "mean_sqrt_len_tokens, weightedmean or lasttoken",
                path, name ? name : "?");
}

static int read_flags(struct poolings *p, const struct json_file *f, struct error *e)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        bool on;

        if (json_bool_or(f, names[i].flag, false, &on, e) < 0)
            return -1;
        if (on)
            p->way[p->ways++] = names[i].way;
    }
    return 0;
}

/* Flags that are true and not known here. */
static int refuse_flags(const struct json_file *f, struct error *e)
{
    const char *key;
    json_t *v;

    json_object_foreach (f->root, key, v) {
        bool known = strncmp(key, "pooling_mode_", 13) != 0 || json_is_false(v);

        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            known |= strcmp(names[i].flag, key) == 0;
        if (!known)
            return fail(e, "%s: \"%.60s\" is not known here", f->path, key);
    }
    return 0;
}

int poolings_read(struct poolings *p, const struct json_file *f, struct error *e)
{
    const json_t *mode = json_value(f, "pooling_mode"), *v;
    bool new_key = json_value(f, "embedding_dimension") != NULL;
    int result = 0;
    long width;
    size_t i;

    *p = (struct poolings){ 0 };
    if (json_is_array(mode)) {
        json_array_foreach (mode, i, v)
            result = result < 0 ? -1 : add_name(p, f->path, v, e);
    } else
        result = mode ? add_name(p, f->path, mode, e) : read_flags(p, f, e);
    if (result < 0 || refuse_flags(f, e) < 0
        || json_bool_or(f, "include_prompt", true, &p->include_prompt, e) < 0
        || json_int_or(f, new_key ? "embedding_dimension" : "word_embedding_dimension", 1,
                       WIDTH_MAX, 0, &width, e) < 0)
        return -1;
    p->width = (int)width;
    return p->ways > 0 ? 0 : fail(e, "%s: expected a pooling mode, found none", f->path);
}

/* out (w) = sum of x over tokens [skip, n), weighted by i + 1 or not, through `by`. */
static void mean(float *out, const real *x, int n, int skip, int w, bool weighted,
                 real by)
{
    for (int j = 0; j < w; j++) {
        real sum = 0;

        for (int i = skip; i < n; i++) {
            real v = x[(size_t)i * (size_t)w + (size_t)j];

            sum += weighted ? (real)(i + 1) * v : v;
        }
        out[j] = (float)(sum / by);
    }
}

static void highest(float *out, const real *x, int n, int skip, int w)
{
    for (int j = 0; j < w; j++) {
        real most = x[(size_t)skip * (size_t)w + (size_t)j];

        for (int i = skip + 1; i < n; i++)
            most = (real)fmax((double)most, (double)x[(size_t)i * (size_t)w + (size_t)j]);
        out[j] = (float)most;
    }
}

void poolings_run(const struct poolings *p, float *out, const real *x, int n, int skip,
                  int w)
{
    real weights = (real)n * (real)(n + 1) / 2 - (real)skip * (real)(skip + 1) / 2;

    for (int k = 0; k < p->ways; k++, out += w)
        switch (p->way[k]) {
        case POOL_MEAN:
            mean(out, x, n, skip, w, false, (real)(n - skip));
            break;
        case POOL_CLS:
            mean(out, x, skip + 1, skip, w, false, 1);
            break;
        case POOL_MAX:
            highest(out, x, n, skip, w);
            break;
        case POOL_MEAN_SQRT:
            mean(out, x, n, skip, w, false, (real)sqrt((double)(n - skip)));
            break;
        case POOL_WEIGHTED:
            mean(out, x, n, skip, w, true, weights);
            break;
        case POOL_LAST:
            mean(out, x, n, n - 1, w, false, 1);
            break;
        case POOLINGS:
            break;
        }
}
