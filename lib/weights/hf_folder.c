#include "weights/hf_folder.h"

#include "util/file.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

struct hf_folder {
    char *path;
    struct json_file config;
    safetensors **shard;
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

static int open_shard(hf_folder *h, const char *name, struct error *e)
{
    char *path;
    safetensors *f;

    for (int i = 0; i < h->shards; i++)
        if (strcmp(file_base(safetensors_path(h->shard[i])), name) == 0)
            return 0;
    path = file_join(h->path, name);
    f = safetensors_open(path, e);
    free(path);
    if (!f)
        return -1;
    MEM_PUSH(h->shard, h->shards, h->room, f);
    return 0;
}

/* Opens every shard that the index names; each listed tensor must be in one. */
static int open_index(hf_folder *h, const struct json_file *index, struct error *e)
{
    json_t *map = json_object_get(index->root, "weight_map"), *v;
    const char *name;

    if (!json_is_object(map))
        return fail(e, "%s: \"weight_map\" is no object", index->path);
    json_object_foreach (map, name, v) {
        const char *shard = json_string_value(v);

        if (!shard || !*shard || strchr(shard, '/'))
            return fail(e, "%s: '%s': expected the name of a file in the folder",
                        index->path, name);
        if (open_shard(h, shard, e) < 0)
            return -1;
        if (!hf_find(h, name))
            return fail(e, "%s: '%s' is not in %s", index->path, name, shard);
    }
    return 0;
}

static int open_weights(hf_folder *h, struct error *e)
{
    char *whole = file_join(h->path, "model.safetensors");
    char *listed = file_join(h->path, "model.safetensors.index.json");
    struct json_file index;
    int result;

    if (file_exists(whole))
        result = open_shard(h, "model.safetensors", e);
    else if (!file_exists(listed))
        result = fail(e, "%s: has neither model.safetensors nor "
                         "model.safetensors.index.json", h->path);
    else if ((result = json_open(&index, listed, e)) == 0) {
        result = open_index(h, &index, e);
        json_close(&index);
    }
    free(whole);
    free(listed);
    return result;
}

hf_folder *hf_open(const char *path, struct error *e)
{
    hf_folder *h = mem_new(1, sizeof *h);
    char *config = file_join(path, "config.json");

    h->path = mem_string(path);
    if (!file_is_folder(path))
        fail(e, "%s: expected a model folder (with config.json and model.safetensors)",
             path);
    else if (json_open(&h->config, config, e) == 0 && open_weights(h, e) == 0) {
        free(config);
        return h;
    }
    free(config);
    hf_close(h);
    return NULL;
}

void hf_close(hf_folder *h)
{
    if (!h)
        return;
    for (int i = 0; i < h->shards; i++)
        safetensors_close(h->shard[i]);
    free(h->shard);
    json_close(&h->config);
    free(h->path);
    free(h);
}

const struct safetensor *hf_find(const hf_folder *h, const char *name)
{
    for (int i = 0; i < h->shards; i++) {
        const struct safetensor *t = safetensors_find(h->shard[i], name);

        if (t)
            return t;
    }
    return NULL;
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
