#include "sbert/bert.h"

#include "formats/hf_config.h"
#include "util/mem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIZE_LIMIT 65536 /* widths, layers, heads, positions */

/* How an architecture names what it has; "%d" is the layer, NULL: has none. */
struct names {
    const char *model_type, *prefix;
    const char *width, *layers, *heads, *inner, *act; /* config.json */
    const char *type;
    const char *query, *key, *value, *out, *attention_norm, *up, *down, *norm;
    bool from_2; /* positions are counted from 2 */
    const char *bias;
};

#define BERT_SIZES \
    "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", \
    "hidden_act"

static const struct names architectures[] = {
    { "bert", "bert.", BERT_SIZES, "embeddings.token_type_embeddings.weight",
      "encoder.layer.%d.attention.self.query", "encoder.layer.%d.attention.self.key",
      "encoder.layer.%d.attention.self.value", "encoder.layer.%d.attention.output.dense",
      "encoder.layer.%d.attention.output.LayerNorm",
      "encoder.layer.%d.intermediate.dense", "encoder.layer.%d.output.dense",
      "encoder.layer.%d.output.LayerNorm", false, NULL },
    { "distilbert", "distilbert.", "dim", "n_layers", "n_heads", "hidden_dim",
      "activation", NULL, "transformer.layer.%d.attention.q_lin",
      "transformer.layer.%d.attention.k_lin", "transformer.layer.%d.attention.v_lin",
      "transformer.layer.%d.attention.out_lin", "transformer.layer.%d.sa_layer_norm",
      "transformer.layer.%d.ffn.lin1", "transformer.layer.%d.ffn.lin2",
      "transformer.layer.%d.output_layer_norm", false, NULL },
    { "mpnet", "mpnet.", BERT_SIZES, NULL, "encoder.layer.%d.attention.attn.q",
      "encoder.layer.%d.attention.attn.k", "encoder.layer.%d.attention.attn.v",
      "encoder.layer.%d.attention.attn.o", "encoder.layer.%d.attention.LayerNorm",
      "encoder.layer.%d.intermediate.dense", "encoder.layer.%d.output.dense",
      "encoder.layer.%d.output.LayerNorm", true,
      "encoder.relative_attention_bias.weight" },
};

struct loading {
    const hf_folder *folder;
    const struct names *names;
    const char *prefix; /* "" where the file has the bare names */
    struct error *e;
};

static const struct names *find_names(const char *model_type)
{
    for (size_t i = 0; i < sizeof architectures / sizeof *architectures; i++)
        if (strcmp(architectures[i].model_type, model_type) == 0)
            return &architectures[i];
    return NULL;
}

static char *full_name(const struct loading *l, const char *pattern, int layer,
                       const char *suffix)
{
    const char *mark = strstr(pattern, "%d");

    if (!mark)
        return mem_format("%s%s%s", l->prefix, pattern, suffix);
    return mem_format("%s%.*s%d%s%s", l->prefix, (int)(mark - pattern), pattern, layer,
                      mark + 2, suffix);
}

/* A tensor (rows x cols, cols 0: a vector) as a new array, or NULL.  Its shape is
 * checked before memory is asked for, so no size in config.json is trusted. */
static real *fetch(const struct loading *l, const char *pattern, int layer,
                   const char *suffix, int rows, int cols)
{
    char *name = full_name(l, pattern, layer, suffix);
    float *values = hf_floats(l->folder, name, rows, cols, l->e);

    free(name);
#ifdef REAL_IS_DOUBLE
    size_t n = values ? (size_t)rows * (size_t)(cols ? cols : 1) : 0;
    real *wide = values ? mem_new(n, sizeof *wide) : NULL;

    for (size_t i = 0; i < n; i++)
        wide[i] = values[i];
    free(values);
    return wide;
#else
    return values;
#endif
}

static int fetch_norm(const struct loading *l, real **w, real **b, const char *pattern,
                      int layer, int width)
{
    *w = fetch(l, pattern, layer, ".weight", width, 0);
    *b = fetch(l, pattern, layer, ".bias", width, 0);
    return *w && *b ? 0 : -1;
}

/* W (out, in) and its bias b (out). */
static int fetch_dense(const struct loading *l, struct frozen *W, real **b,
                       const char *pattern, int layer, int out, int in)
{
    real *w = fetch(l, pattern, layer, ".weight", out, in);

    frozen_borrow(W, w, out, in);
    W->borrowed = false; /* frozen_free frees it */
    *b = w ? fetch(l, pattern, layer, ".bias", out, 0) : NULL;
    return *b ? 0 : -1;
}

/* Query, key and value as one product: their rows under each other. */
static int fetch_qkv(const struct loading *l, struct bert_layer *y, int layer, int w)
{
    const char *const patterns[] = { l->names->query, l->names->key, l->names->value };
    size_t rows = (size_t)w;
    real *all = NULL;

    for (size_t i = 0; i < 3; i++) {
        struct frozen one;
        real *bias;
        int result = fetch_dense(l, &one, &bias, patterns[i], layer, w, w);

        if (result == 0 && !all) {
            all = mem_new(3 * rows * rows, sizeof *all);
            frozen_borrow(&y->qkv, all, 3 * w, w);
            y->qkv.borrowed = false;
            y->qkv_b = mem_new(3 * rows, sizeof *y->qkv_b);
        }
        if (result == 0) {
            memcpy(all + i * rows * rows, one.w, rows * rows * sizeof *all);
            memcpy(y->qkv_b + i * rows, bias, rows * sizeof *bias);
        }
        frozen_free(&one);
        free(bias);
        if (result < 0)
            return -1;
    }
    return 0;
}

static int load_layer(const struct loading *l, struct bert *b, int i)
{
    const struct names *n = l->names;
    struct bert_layer *y = &b->layer[i];
    int w = b->width;

    if (fetch_qkv(l, y, i, w) < 0 ||
        fetch_dense(l, &y->out, &y->out_b, n->out, i, w, w) < 0 ||
        fetch_dense(l, &y->up, &y->up_b, n->up, i, b->inner, w) < 0 ||
        fetch_dense(l, &y->down, &y->down_b, n->down, i, w, b->inner) < 0 ||
        fetch_norm(l, &y->attention_norm_w, &y->attention_norm_b, n->attention_norm, i,
                   w) < 0)
        return -1;
    return fetch_norm(l, &y->norm_w, &y->norm_b, n->norm, i, w);
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
static int load_bias(const struct loading *l, struct bert *b)
{
    int span = 2 * b->positions - 1;
    real *table;
    long buckets;

    if (!l->names->bias)
        return 0;
    if (json_int_or(hf_config(l->folder), "relative_attention_num_buckets", 4, 1024, 32,
                    &buckets, l->e) < 0)
        return -1;
    table = fetch(l, l->names->bias, 0, "", (int)buckets, b->heads);
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

static int load_embeddings(const struct loading *l, struct bert *b)
{
    int64_t shape[2] = { b->words, b->width };
    char *name = full_name(l, "embeddings.word_embeddings.weight", 0, "");
    long types = 0;
    float one;

    b->word = hf_tensor(l->folder, name, 2, shape, l->e);
    free(name);
    if (!b->word || safetensors_read(&one, b->word, 0, 1, l->e) < 0)
        return -1;
    b->position = fetch(l, "embeddings.position_embeddings.weight", 0, "",
                        b->first_position + b->positions, b->width);
    if (!b->position)
        return -1;
    if (l->names->type) { /* row 0 is what is used */
        if (json_int_or(hf_config(l->folder), "type_vocab_size", 1, SIZE_LIMIT, 2, &types,
                        l->e) < 0)
            return -1;
        b->type = fetch(l, l->names->type, 0, "", (int)types, b->width);
        if (!b->type)
            return -1;
    }
    return fetch_norm(l, &b->norm_w, &b->norm_b, "embeddings.LayerNorm", 0, b->width);
}

static int load_size(const struct loading *l, const char *key, int *value)
{
    long v = 0;
    int result = json_int(hf_config(l->folder), key, 1, SIZE_LIMIT, &v, l->e);

    *value = (int)v;
    return result;
}

/* Keys with a say in what is computed that are read here. */
static const char *const reads[] = {
    "hidden_act", "activation", "layer_norm_eps", "position_embedding_type",
    "relative_attention_num_buckets", NULL
};

static int load_config(const struct loading *l, struct bert *b)
{
    const struct json_file *c = hf_config(l->folder);
    const struct names *n = l->names;
    const char *act, *kind;
    double eps;
    long words;

    if (load_size(l, n->width, &b->width) < 0 || load_size(l, n->layers, &b->layers) < 0 ||
        load_size(l, n->heads, &b->heads) < 0 || load_size(l, n->inner, &b->inner) < 0 ||
        load_size(l, "max_position_embeddings", &b->positions) < 0 ||
        json_int(c, "vocab_size", 1, 1L << 24, &words, l->e) < 0 ||
        json_number_or(c, "layer_norm_eps", 0, 1, 1e-12, &eps, l->e) < 0 ||
        json_text_or(c, n->act, "gelu", &act, l->e) < 0 ||
        json_text_or(c, "position_embedding_type", "absolute", &kind, l->e) < 0 ||
        hf_config_refuse_others(c, reads, l->e) < 0)
        return -1;
    b->words = (int)words;
    b->eps = (real)eps;
    b->first_position = n->from_2 ? 2 : 0;
    b->positions -= b->first_position;
    if (b->width % b->heads != 0 || b->positions < 1)
        return fail(l->e, "%s: width %d is no multiple of %d heads, or there are no "
                          "positions", c->path, b->width, b->heads);
    if (strcmp(act, "gelu") != 0 || strcmp(kind, "absolute") != 0)
        return fail(l->e, "%s: expected activation gelu and absolute positions, found %s "
                          "and %s", c->path, act, kind);
    b->layer = mem_new((size_t)b->layers, sizeof *b->layer);
    return 0;
}

static const struct names *choose(const hf_folder *h, struct error *e)
{
    const struct names *n;
    const char *type;

    if (json_text(hf_config(h), "model_type", &type, e) < 0)
        return NULL;
    n = find_names(type);
    if (!n)
        fail(e, "%s: model_type \"%s\", expected bert, distilbert or mpnet",
             hf_config(h)->path, type);
    return n;
}

/* What stands before the names: that of a model with a head, or of a whole
 * SentenceTransformer's state_dict (the published code's sbert.pt), else nothing. */
static const char *find_prefix(const hf_folder *h, const struct names *n)
{
    const char *const prefixes[] = { n->prefix, "0.auto_model.", "" };
    bool there = false;
    int i = 0;

    for (;; i++) {
        char *probe = mem_format("%sembeddings.word_embeddings.weight", prefixes[i]);

        there = hf_find(h, probe);
        free(probe);
        if (there || !*prefixes[i])
            return prefixes[i];
    }
}

struct bert *bert_load(const hf_folder *h, struct error *e)
{
    struct loading l = { h, choose(h, e), "", e };
    struct bert *b;
    int result;

    if (!l.names)
        return NULL;
    l.prefix = find_prefix(h, l.names);
    b = mem_new(1, sizeof *b);
    result = load_config(&l, b);
    if (result == 0)
        result = load_embeddings(&l, b);
    if (result == 0)
        result = load_bias(&l, b);
    for (int i = 0; result == 0 && i < b->layers; i++)
        result = load_layer(&l, b, i);
    if (result == 0)
        return b;
    bert_free(b);
    return NULL;
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
    free(y->attention_norm_w);
    free(y->attention_norm_b);
    free(y->norm_w);
    free(y->norm_b);
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
    free(b->norm_w);
    free(b->norm_b);
    free(b->distance_bias);
    free(b);
}
