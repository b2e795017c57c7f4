#include "formats/hf_folder.h"

#include "formats/hf_config.h"
#include "formats/tensor_file.h"
#include "util/file.h"
#include "util/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct hf_folder {
    char *path;
    struct json_file config;
    struct tensor_file *shard;
    int shards, room;
};

const char *hf_path(const hf_folder *h)
{
    return h->path;
}

const struct json_file *hf_config(const hf_folder *h)
{
    return &h->config;
}

/* Opens a file of the folder if it is not open yet: NULL and the reason in e. */
static struct tensor_file *open_shard(hf_folder *h, const char *name, struct error *e)
{
    struct tensor_file f;
    char *path;
    int result;

    for (int i = 0; i < h->shards; i++)
        if (strcmp(file_base(tensor_file_path(&h->shard[i])), name) == 0)
            return &h->shard[i];
    path = file_join(h->path, name);
    result = tensor_file_open(&f, path, e);
    free(path);
    if (result < 0)
        return NULL;
    MEM_PUSH(h->shard, h->shards, h->room, f);
    return &h->shard[h->shards - 1];
}

/* One line of an index: this tensor is in that file of the folder. */
static int open_listed(hf_folder *h, const struct json_file *index, const char *name,
                       const char *shard, struct error *e)
{
    struct tensor_file *f;
    char *path;
    bool there;

    if (!shard || !*shard || strchr(shard, '/'))
        return fail(e, "%s: '%s': expected the name of a file in the folder", index->path,
                    name);
    path = file_join(h->path, shard);
    there = file_exists(path);
    free(path);
    if (!there)
        return fail(e, "%s: '%s' is to be in %s, which is not there", index->path, name,
                    shard);
    if (!(f = open_shard(h, shard, e)))
        return -1;
    return tensor_file_find(f, name)
               ? 0
               : fail(e, "%s: '%s' is not in %s", index->path, name, shard);
}

/* Opens every shard that the index names; each listed tensor must be in its own. */
static int open_index(hf_folder *h, const char *path, struct error *e)
{
    struct json_file index;
    const char *name;
    json_t *map, *v;
    int result = json_open(&index, path, e);

    if (result < 0)
        return -1;
    map = json_object_get(index.root, "weight_map");
    if (!json_is_object(map))
        result = fail(e, "%s: \"weight_map\" is no object", path);
    json_object_foreach (map, name, v)
        if (result == 0)
            result = open_listed(h, &index, name, json_string_value(v), e);
    json_close(&index);
    return result;
}

static int open_weights(hf_folder *h, struct error *e)
{
    static const struct {
        const char *name;
        bool is_index;
    } files[] = {
        { "model.safetensors", false }, { "model.safetensors.index.json", true },
        { "pytorch_model.bin", false }, { "pytorch_model.bin.index.json", true },
    };

    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char *path = file_join(h->path, files[i].name);
        bool there = file_exists(path);
        int result = 0;

        if (there && files[i].is_index)
            result = open_index(h, path, e);
        else if (there)
            result = open_shard(h, files[i].name, e) ? 0 : -1;
        free(path);
        if (there)
            return result;
    }
    return fail(e, "%s: has neither model.safetensors nor pytorch_model.bin, nor the "
                   "index of either's shards", h->path);
}

/* Does the file, by which older tools say that they quantized the weights, give the bits
 * of a weight?  Other tools write other settings under the same name beside weights that
 * are whole. */
static bool gives_bits(const char *path)
{
    struct json_file f;
    struct error ignored;
    bool given;

    if (!file_exists(path) || json_open(&f, path, &ignored) < 0)
        return false;
    given = json_is_number(json_value(&f, "bits"))
            || json_is_number(json_value(&f, "w_bit"));
    json_close(&f);
    return given;
}

static int refuse_quantized(const hf_folder *h, const char *instead, struct error *e)
{
    static const char *const files[] = { "quantize_config.json", "quant_config.json" };
    static const char *const methods[] = { "gptq", "awq" };

    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char *path = file_join(h->path, files[i]);
        bool quantized = gives_bits(path);

        free(path);
        if (quantized)
            return fail(e,
                        "%s: has %s: weights quantized by %s are not read here: take the "
                        "model's folder from before that%s",
                        h->path, files[i], methods[i], instead);
    }
    return hf_config_refuse_quantized(&h->config, instead, e);
}

/* peft's file says what to add to a model, which the folder holds or not.  transformers
 * adds it; the model without it would give other numbers. */
static int refuse_adapter(const char *path, bool alone, struct error *e)
{
    char *adapter = file_join(path, "adapter_config.json");
    bool there = file_exists(adapter);

    free(adapter);
    if (!there)
        return 0;
    if (alone)
        return fail(e, "%s: a LoRA adapter, not a model: merge it into its model first "
                       "(merge_and_unload of peft)", path);
    return fail(e, "%s: has adapter_config.json, a LoRA adapter beside the model: merge "
                   "it into the model first (merge_and_unload of peft), or take the file "
                   "away where that is done", path);
}

hf_folder *hf_open_config(const char *path, struct error *e)
{
    hf_folder *h = mem_new(1, sizeof *h);
    char *config = file_join(path, "config.json");
    int result;

    h->path = mem_string(path);
    if (!file_is_folder(path))
        result = fail(e, "%s: expected a model folder (with config.json and weights)",
                      path);
    else
        result = refuse_adapter(path, !file_exists(config), e)
                 || json_open(&h->config, config, e) ? -1 : 0;
    free(config);
    if (result == 0)
        return h;
    hf_close(h);
    return NULL;
}

int hf_open_weights(hf_folder *h, const char *instead, struct error *e)
{
    return refuse_quantized(h, instead, e) || open_weights(h, e) ? -1 : 0;
}

hf_folder *hf_open(const char *path, struct error *e)
{
    hf_folder *h = hf_open_config(path, e);

    if (!h || hf_open_weights(h, "", e) == 0)
        return h;
    hf_close(h);
    return NULL;
}

void hf_close(hf_folder *h)
{
    if (!h)
        return;
    for (int i = 0; i < h->shards; i++)
        tensor_file_close(&h->shard[i]);
    free(h->shard);
    json_close(&h->config);
    free(h->path);
    free(h);
}

const struct safetensor *hf_find(const hf_folder *h, const char *name)
{
    for (int i = 0; i < h->shards; i++) {
        const struct safetensor *t = tensor_file_find(&h->shard[i], name);

        if (t)
            return t;
    }
    return NULL;
}

const struct safetensor *hf_at(const hf_folder *h, long i)
{
    for (int s = 0; s < h->shards; s++) {
        long n = tensor_file_count(&h->shard[s]);

        if (i < n)
            return tensor_file_at(&h->shard[s], i);
        i -= n;
    }
    return NULL;
}

/* Does the name end so, after a dot or as a whole? */
static bool ends_in(const char *name, const char *end)
{
    size_t n = strlen(name), m = strlen(end);

    return n >= m && !strcmp(name + n - m, end) && (n == m || name[n - m - 1] == '.');
}

bool hf_is_spare(const struct safetensor *t)
{
    static const char *const buffers[] = {
        "rotary_emb.inv_freq", "rotary_emb.cos_cached", "rotary_emb.sin_cached",
        "attn.masked_bias", "attention.masked_bias", "position_ids", "token_type_ids",
        "decoder.version",
    };

    for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++)
        if (ends_in(t->name, buffers[i]))
            return true;
    /* a mask is a matrix for all pairs of places; a bias would be a vector */
    if (t->ndim >= 2
        && (ends_in(t->name, "attn.bias") || ends_in(t->name, "attention.bias")))
        return true;
    return !strncmp(t->name, "v_head.", 7);
}

const struct safetensor *hf_tensor(const hf_folder *h, const char *name, int ndim,
                                   const int64_t *dim, struct error *e)
{
    const struct safetensor *t = hf_find(h, name);
    char want[SAFETENSORS_SHAPE_TEXT], have[SAFETENSORS_SHAPE_TEXT];

    if (!t) {
        fail(e, "%s: has no tensor '%s'", h->path, name);
        return NULL;
    }
    if (t->ndim == ndim && memcmp(t->dim, dim, (size_t)ndim * sizeof *dim) == 0)
        return t;
    fail(e, "%s: tensor '%s': expected %s, found %s", h->path, name,
         safetensors_shape(want, sizeof want, ndim, dim),
         safetensors_shape(have, sizeof have, t->ndim, t->dim));
    return NULL;
}

float *hf_floats(const hf_folder *h, const char *name, int64_t rows, int64_t cols,
                 struct error *e)
{
    int64_t dim[2] = { rows, cols };
    const struct safetensor *t = hf_tensor(h, name, cols ? 2 : 1, dim, e);
    float *out = t ? safetensors_floats(t, e) : NULL;

    if (t && !out)
        fail_in(e, "%s", h->path);
    return out;
}

static bool all_finite(const float *v, int64_t n)
{
    bool bad = false;

    for (int64_t i = 0; i < n; i++)
        bad |= !isfinite(v[i]);
    return !bad;
}

float *hf_finite(const hf_folder *h, const char *name, int64_t rows, int64_t cols,
                 struct error *e)
{
    float *v = hf_floats(h, name, rows, cols, e);

    if (!v || all_finite(v, rows * (cols ? cols : 1)))
        return v;
    free(v);
    fail(e, "%s: tensor '%s' holds a number that is not finite", h->path, name);
    return NULL;
}

bool hf_rows_finite(const struct safetensor *t, int64_t from, int64_t n)
{
    int64_t width = t->count / t->dim[0];
    float *row = mem_new((size_t)width, sizeof *row);
    bool fine = true;
    struct error e;

    for (int64_t i = from; i < from + n && fine; i++)
        fine = safetensors_read(row, t, i * width, width, &e) == 0 &&
               all_finite(row, width);
    free(row);
    return fine;
}
