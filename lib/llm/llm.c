#include "llm/llm.h"

#include "formats/gguf.h"
#include "formats/hf_folder.h"
#include "llm/decoder_load.h"
#include "text/bpe_files.h"
#include "text/vocabulary.h"
#include "util/file.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

struct bpe *llm_tokenizer(const char *path, struct error *e)
{
    struct gguf *g;
    struct bpe *t;

    if (file_is_folder(path))
        return bpe_from_folder(path, e);
    g = gguf_open(path, e);
    if (!g)
        return NULL;
    t = bpe_from_gguf(g, e);
    gguf_close(g);
    return t;
}

/* A model that is not read is said so before its tokenizer is complained of. */
static void name_model_first(const char *path, struct error *e)
{
    struct decoder_file f;
    struct error why;

    if (decoder_file_open(&f, path, &why) < 0)
        *e = why;
    else
        decoder_file_close(&f);
}

static int load(struct llm *m, const char *path, enum frozen_precision precision,
                struct error *e)
{
    m->bpe = llm_tokenizer(path, e);
    if (!m->bpe) {
        name_model_first(path, e);
        return -1;
    }
    m->model = decoder_load(path, precision, e);
    if (!m->model)
        return -1;
    if (bpe_tokens(m->bpe) > decoder_config(m->model)->vocab)
        return fail(e, "%s: the tokenizer has %d tokens, the model %d", path,
                    bpe_tokens(m->bpe), decoder_config(m->model)->vocab);
    vocabulary_short_warn(path, bpe_tokens(m->bpe), decoder_config(m->model)->vocab);
    return 0;
}

int llm_open(struct llm *m, const char *name, enum frozen_precision precision,
             struct error *e)
{
    char *path = file_find(name, e);
    int result;

    *m = (struct llm){ 0 };
    if (!path)
        return -1;
    frozen_say(precision);
    result = load(m, path, precision, e);
    free(path);
    if (result < 0)
        llm_close(m);
    return result;
}

void llm_say_rows(void)
{
    say("%lld rows through the language model", decoder_rows_run());
}

void llm_close(struct llm *m)
{
    bpe_free(m->bpe);
    decoder_free(m->model);
    *m = (struct llm){ 0 };
}

/* llm_digest: what tells one model's files from another's of the same name and size.
 * Read are
 *
 *   - of a GGUF file all that stands before the data: the metadata with the tokenizer,
 *     names, shapes and types of the tensors; and the size of the file;
 *   - of a Hugging Face folder config.json and the tokenizer's files, whole, and names,
 *     shapes and types of the tensors;
 *   - of the tensors all bytes, where they are 1 GiB at most together.  Of larger models
 *     a tensor of up to 1 MiB whole; of others the first and the last 4 KiB, and 4 KiB of
 *     each MiB: of a model of 7 GB some 30 MB, which are mapped, not read into memory.
 *
 * So a weight that was changed alone in a large model is not seen; another training, type
 * or conversion changes nearly all of them. */
#define WHOLE_MODEL ((size_t)1 << 30)
#define STEP ((size_t)1 << 20)
#define PAGE ((size_t)4096)

/* The bytes of one tensor; whole: all of them, whatever their number. */
static void add_data(XXH3_state_t *s, const unsigned char *data, size_t bytes, bool whole)
{
    if (whole || bytes <= STEP) {
        XXH3_64bits_update(s, data, bytes);
        return;
    }
    for (size_t at = 0; at + PAGE <= bytes; at += STEP)
        XXH3_64bits_update(s, data + at, PAGE);
    XXH3_64bits_update(s, data + bytes - PAGE, PAGE);
}

static void add_text(XXH3_state_t *s, const char *text)
{
    XXH3_64bits_update(s, text, strlen(text) + 1);
}

static int add_gguf(XXH3_state_t *s, const char *path, struct error *e)
{
    struct gguf *g = gguf_open(path, e);
    const void *head;
    size_t bytes, size;

    if (!g)
        return -1;
    head = gguf_head(g, &bytes, &size);
    XXH3_64bits_update(s, head, bytes);
    XXH3_64bits_update(s, &size, sizeof size);
    for (size_t i = 0; i < gguf_tensors(g); i++) {
        const struct gguf_tensor *t = gguf_tensor_at(g, i);

        add_text(s, t->name); /* those of other parts stand in no head */
        XXH3_64bits_update(s, &t->type, sizeof t->type);
        XXH3_64bits_update(s, t->shape, sizeof t->shape);
        add_data(s, t->data, t->bytes, size <= WHOLE_MODEL);
    }
    gguf_close(g);
    return 0;
}

/* A file that may be missing. */
static int add_file(XXH3_state_t *s, const char *folder, const char *name,
                    struct error *e)
{
    char *path = file_join(folder, name);
    struct mapped m;
    int result = 0;

    if (file_exists(path)) {
        result = file_map(&m, path, e);
        if (result == 0) {
            add_text(s, name);
            XXH3_64bits_update(s, m.data, m.size);
            file_unmap(&m);
        }
    }
    free(path);
    return result;
}

static size_t tensor_bytes(const hf_folder *h)
{
    const struct safetensor *t;
    size_t sum = 0;

    for (long i = 0; (t = hf_at(h, i)); i++)
        sum += t->bytes;
    return sum;
}

static void add_tensors(XXH3_state_t *s, const hf_folder *h)
{
    bool whole = tensor_bytes(h) <= WHOLE_MODEL;
    const struct safetensor *t;

    for (long i = 0; (t = hf_at(h, i)); i++) {
        add_text(s, t->name);
        add_text(s, safetensors_type_name(t->type));
        XXH3_64bits_update(s, t->dim, (size_t)t->ndim * sizeof *t->dim);
        add_data(s, t->data, t->bytes, whole);
    }
}

static int add_folder(XXH3_state_t *s, const char *path, struct error *e)
{
    static const char *const files[] = {
        "config.json", "tokenizer.json", "tokenizer_config.json",
        "special_tokens_map.json", "vocab.json", "merges.txt",
    };
    hf_folder *h = hf_open(path, e);
    int result = h ? 0 : -1;

    for (size_t i = 0; i < sizeof files / sizeof *files && result == 0; i++)
        result = add_file(s, path, files[i], e);
    if (result == 0)
        add_tensors(s, h);
    hf_close(h);
    return result;
}

int llm_digest(const char *name, uint64_t *digest, struct error *e)
{
    char *path = file_find(name, e);
    XXH3_state_t *s;
    int result;

    if (!path)
        return -1;
    s = XXH3_createState();
    XXH3_64bits_reset(s);
    result = file_is_folder(path) ? add_folder(s, path, e) : add_gguf(s, path, e);
    *digest = XXH3_64bits_digest(s);
    XXH3_freeState(s);
    free(path);
    return result;
}
