#include "llm/llm.h"

#include "formats/gguf.h"
#include "llm/decoder_load.h"
#include "text/bpe_files.h"
#include "text/vocabulary.h"
#include "util/file.h"

#include <stdlib.h>

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
