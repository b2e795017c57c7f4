#include "models/llm.h"

#include "text/bpe_files.h"
#include "util/file.h"
#include "weights/gguf.h"

static struct bpe *open_tokenizer(const char *path, struct error *e)
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

int llm_open(struct llm *m, const char *path, struct error *e)
{
    *m = (struct llm){ .bpe = open_tokenizer(path, e) };
    if (!m->bpe)
        return -1;
    m->model = llama_load(path, FROZEN_REAL, e);
    if (m->model && bpe_tokens(m->bpe) > llama_config(m->model)->vocab)
        fail(e, "%s: the tokenizer has %d tokens, the model %d", path,
             bpe_tokens(m->bpe), llama_config(m->model)->vocab);
    else if (m->model)
        return 0;
    llm_close(m);
    return -1;
}

void llm_close(struct llm *m)
{
    bpe_free(m->bpe);
    llama_free(m->model);
    *m = (struct llm){ 0 };
}
