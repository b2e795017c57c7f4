#include "sbert/bert_parts.h"

#include "util/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SIZE_LIMIT 65536 /* token types */

/* A tensor's name, free with free(). */
static char *full_name(const struct bert_loading *l, enum bert_name which, int layer,
                       const char *suffix)
{
    const char *pattern = l->of.name[which], *mark = strstr(pattern, "%d");

    if (!mark)
        return mem_format("%s%s%s", l->prefix, pattern, suffix);
    return mem_format("%s%.*s%d%s%s", l->prefix, (int)(mark - pattern), pattern, layer,
                      mark + 2, suffix);
}

static bool is_there(const struct bert_loading *l, enum bert_name which, int layer,
                     const char *suffix)
{
    char *name = full_name(l, which, layer, suffix);
    bool there = hf_find(l->folder, name) != NULL;

    free(name);
    return there;
}

/* A tensor (rows x cols, cols 0: a vector) of finite numbers as a new array, or NULL.
 * Its shape is checked before memory is asked for, so no size in config.json is
 * trusted. */
static real *fetch(const struct bert_loading *l, enum bert_name which, int layer,
                   const char *suffix, int rows, int cols)
{
    char *name = full_name(l, which, layer, suffix);
    float *values = hf_finite(l->folder, name, rows, cols, l->e);

    free(name);
#ifdef REAL_IS_DOUBLE
    int64_t n = (int64_t)rows * (cols ? cols : 1);
    real *wide = values ? mem_new((size_t)n, sizeof *wide) : NULL;

    for (int64_t i = 0; values && i < n; i++)
        wide[i] = values[i];
    free(values);
    return wide;
#else
    return values;
#endif
}

/* A normalisation's bias that is not there is 0.  Files of 2019 say gamma and beta. */
static int fetch_norm(const struct bert_loading *l, struct bert_norm *norm,
                      enum bert_name which, int layer, int width)
{
    bool old = is_there(l, which, layer, ".gamma");
    const char *bias = old ? ".beta" : ".bias";

    norm->w = fetch(l, which, layer, old ? ".gamma" : ".weight", width, 0);
    if (!norm->w)
        return -1;
    norm->b = l->of.bias_optional && !is_there(l, which, layer, bias)
                  ? mem_new((size_t)width, sizeof *norm->b)
                  : fetch(l, which, layer, bias, width, 0);
    return norm->b ? 0 : -1;
}

/* Rows `from`, ... of W (all, in) and of its bias (all) become the `rows` of a tensor. */
static int fetch_rows(const struct bert_loading *l, real *W, real **bias, int all,
                      enum bert_name which, int layer, int from, int rows, int in)
{
    real *w = fetch(l, which, layer, ".weight", rows, in), *b;
    size_t size = (size_t)rows * (size_t)in;

    if (!w)
        return -1;
    memcpy(W + (size_t)from * (size_t)in, w, size * sizeof *W);
    free(w);
    if (l->of.bias_optional && !is_there(l, which, layer, ".bias"))
        return 0;
    if (!(b = fetch(l, which, layer, ".bias", rows, 0)))
        return -1;
    if (!*bias)
        *bias = mem_new((size_t)all, sizeof **bias);
    memcpy(*bias + from, b, (size_t)rows * sizeof *b);
    free(b);
    return 0;
}

/* W (out, in) and its bias (out) of `tensors` tensors under each other, each with as many
 * rows. */
static int fetch_dense(const struct bert_loading *l, struct frozen *W, real **bias,
                       const enum bert_name *which, int tensors, int layer, int out,
                       int in)
{
    int64_t shape[2] = { out / tensors, in };
    char *name = full_name(l, which[0], layer, ".weight");
    /* before memory is asked for */
    bool fits = hf_tensor(l->folder, name, 2, shape, l->e);
    int result = 0;
    real *w;

    free(name);
    if (!fits)
        return -1;
    w = mem_new((size_t)out * (size_t)in, sizeof *w);
    for (int i = 0; result == 0 && i < tensors; i++)
        result = fetch_rows(l, w, bias, out, which[i], layer, i * (out / tensors),
                            out / tensors, in);
    frozen_take(W, l->precision, w, out, in);
    return result;
}

static int fetch_one(const struct bert_loading *l, struct frozen *W, real **bias,
                     enum bert_name which, int layer, int out, int in)
{
    return fetch_dense(l, W, bias, &which, 1, layer, out, in);
}

static int load_layer(const struct bert_loading *l, struct bert *b, int i)
{
    static const enum bert_name three[] = { BERT_QUERY, BERT_KEY, BERT_VALUE };
    static const enum bert_name two[] = { BERT_UP, BERT_GATE };
    struct bert_layer *y = &b->layer[i];
    int w = b->width, inner = b->inner, up = b->gated ? 2 * inner : inner;
    bool fused = *l->of.name[BERT_QKV], gate = *l->of.name[BERT_GATE];
    /* the first layer of those that normalise first takes the embeddings' */
    bool bare = b->norm_first && i == 0 && !is_there(l, BERT_ATTENTION_NORM, 0,
                                                     ".weight");

    if ((fused ? fetch_one(l, &y->qkv, &y->qkv_b, BERT_QKV, i, 3 * w, w)
               : fetch_dense(l, &y->qkv, &y->qkv_b, three, 3, i, 3 * w, w)) < 0
        || fetch_one(l, &y->out, &y->out_b, BERT_OUT, i, w, w) < 0
        || (gate ? fetch_dense(l, &y->up, &y->up_b, two, 2, i, up, w)
                 : fetch_one(l, &y->up, &y->up_b, BERT_UP, i, up, w)) < 0
        || fetch_one(l, &y->down, &y->down_b, BERT_DOWN, i, w, inner) < 0
        || (!bare && fetch_norm(l, &y->attention_norm, BERT_ATTENTION_NORM, i, w) < 0))
        return -1;
    return fetch_norm(l, &y->norm, BERT_NORM, i, w);
}

/* T5's bucket of a distance (key - query): half of them for each sign, the first
 * 8 exact, the rest logarithmic up to 128 (Raffel et al. 2020). */
static int distance_bucket(int distance, int buckets)
{
    int half = buckets / 2, exact = half / 2, n = abs(distance), large;
    int sign = distance > 0 ? half : 0;

    if (n < exact)
        return sign + n;
    large = exact + (int)(log((double)n / exact) / log(128.0 / exact) * (half - exact));
    return sign + (large < half - 1 ? large : half - 1);
}

/* (buckets, heads) -> one row of 2 * positions - 1 distances for each head. */
static int load_bias(const struct bert_loading *l, struct bert *b)
{
    int span = 2 * b->positions - 1;
    real *table;
    long buckets;

    if (!*l->of.name[BERT_DISTANCE_BIAS])
        return 0;
    if (json_int_or(hf_config(l->folder), "relative_attention_num_buckets", 4, 1024, 32,
                    &buckets, l->e) < 0)
        return -1;
    table = fetch(l, BERT_DISTANCE_BIAS, 0, ".weight", (int)buckets, b->heads);
    if (!table)
        return -1;
    b->distance_bias = mem_new((size_t)span * (size_t)b->heads, sizeof *b->distance_bias);
    for (int h = 0; h < b->heads; h++)
        for (int i = 0; i < span; i++)
            b->distance_bias[(size_t)h * (size_t)span + (size_t)i] =
                table[distance_bucket(i - b->positions + 1, (int)buckets) * b->heads + h];
    free(table);
    return 0;
}

/* The word rows stay in their file; each is looked at here, once. */
static int check_words(const struct bert_loading *l, const struct bert *b,
                       const char *name)
{
    bool bad = false;
    float one;

    if (safetensors_read(&one, b->word, 0, 1, l->e) < 0) /* type */
        return -1;
#pragma omp parallel for reduction(| : bad)
    for (int i = 0; i < b->words; i += 256)
        bad |= !hf_rows_finite(b->word, i, i + 256 < b->words ? 256 : b->words - i);
    return bad ? fail(l->e, "%s: tensor '%s' holds a number that is not finite",
                      hf_path(l->folder), name)
               : 0;
}

static int load_words(const struct bert_loading *l, struct bert *b)
{
    int64_t shape[2] = { b->words, b->width };
    char *name = full_name(l, BERT_WORD, 0, ".weight");
    int result;

    b->word = hf_tensor(l->folder, name, 2, shape, l->e);
    result = b->word ? check_words(l, b, name) : -1;
    free(name);
    return result;
}

static int load_embeddings(const struct bert_loading *l, struct bert *b)
{
    long types = 0;

    if (load_words(l, b) < 0)
        return -1;
    if (l->of.positions != BERT_ROTARY
        && !(b->position = fetch(l, BERT_PLACE, 0, ".weight",
                                 b->first_position + b->positions, b->width)))
        return -1;
    if (json_int_or(hf_config(l->folder), "type_vocab_size", 0, SIZE_LIMIT, 2, &types,
                    l->e) < 0)
        return -1;
    if (*l->of.name[BERT_TYPE] && types > 0) { /* row 0 is what is used */
        b->type = fetch(l, BERT_TYPE, 0, ".weight", (int)types, b->width);
        if (!b->type)
            return -1;
    }
    if (*l->of.name[BERT_FINAL_NORM]
        && fetch_norm(l, &b->final_norm, BERT_FINAL_NORM, 0, b->width) < 0)
        return -1;
    return fetch_norm(l, &b->embedding_norm, BERT_EMBEDDING_NORM, 0, b->width);
}

/* What stands before the names: that of a model with a head, or of a whole
 * SentenceTransformer's state_dict (the published code's sbert.pt), else nothing. */
static const char *find_prefix(const struct bert_loading *l)
{
    const char *const prefixes[] = { l->of.name[BERT_PREFIX], "0.auto_model.", "" };
    bool there = false;
    int i = 0;

    for (;; i++) {
        char *probe = mem_format("%s%s.weight", prefixes[i], l->of.name[BERT_WORD]);

        there = hf_find(l->folder, probe);
        free(probe);
        if (there || !*prefixes[i])
            return prefixes[i];
    }
}

struct bert *bert_load(const hf_folder *h, const char *hint,
                       enum frozen_precision precision, struct error *e)
{
    struct bert_loading l = { .folder = h, .precision = precision, .e = e };
    struct bert *b;
    int result;

    if (bert_architecture_find(&l.of, h, hint, e) < 0)
        return NULL;
    l.prefix = find_prefix(&l);
    b = mem_new(1, sizeof *b);
    result = bert_config_read(&l, b);
    if (result == 0)
        result = load_embeddings(&l, b);
    if (result == 0)
        result = load_bias(&l, b);
    if (result == 0)
        result = bert_config_rotary(&l, b);
    for (int i = 0; result == 0 && i < b->layers; i++)
        result = load_layer(&l, b, i);
    if (result == 0)
        result = bert_others_refuse(&l, b);
    if (result == 0)
        return b;
    bert_free(b);
    return NULL;
}

static void free_norm(struct bert_norm *norm)
{
    free(norm->w);
    free(norm->b);
}

static void free_layer(struct bert_layer *y)
{
    frozen_free(&y->qkv);
    frozen_free(&y->out);
    frozen_free(&y->up);
    frozen_free(&y->down);
    free(y->qkv_b);
    free(y->out_b);
    free(y->up_b);
    free(y->down_b);
    free_norm(&y->attention_norm);
    free_norm(&y->norm);
}

void bert_free(struct bert *b)
{
    if (!b)
        return;
    for (int i = 0; b->layer && i < b->layers; i++)
        free_layer(&b->layer[i]);
    free(b->layer);
    free(b->position);
    free(b->type);
    free_norm(&b->embedding_norm);
    free_norm(&b->final_norm);
    free(b->distance_bias);
    free(b->turn[0]);
    free(b->turn[1]);
    free(b);
}
