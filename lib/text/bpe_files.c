#include "text/bpe_files.h"

#include "util/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Everything that tokenizer.ggml.* holds as lists. */
struct lists {
    struct gguf_text *token, *merge;
    int32_t *type;
    size_t tokens, merges, types;
};

static int read_lists(const struct gguf *g, struct lists *l, struct error *e)
{
    if (gguf_strings(g, "tokenizer.ggml.tokens", &l->token, &l->tokens, e) < 0 ||
        gguf_strings(g, "tokenizer.ggml.merges", &l->merge, &l->merges, e) < 0)
        return -1;
    if (!gguf_has(g, "tokenizer.ggml.token_type"))
        return 0;
    if (gguf_i32s(g, "tokenizer.ggml.token_type", &l->type, &l->types, e) < 0)
        return -1;
    if (l->types != l->tokens)
        return fail(e, "%s: %zu token types for %zu tokens", gguf_path(g), l->types,
                    l->tokens);
    return 0;
}

/* The file's types: 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte. */
static enum bpe_kind kind_of(int32_t type)
{
    switch (type) {
    case 2: case 3: return BPE_SPECIAL;
    case 4: return BPE_ADDED;
    case 5: return BPE_UNUSED;
    default: return BPE_NORMAL;
    }
}

/* "a b": the halves hold no space, which the alphabet writes as another letter. */
static int split_merge(struct gguf_text m, struct bpe_text half[2])
{
    const char *space = memchr(m.data, ' ', m.size);

    if (!space)
        return -1;
    half[0] = (struct bpe_text){ m.data, (size_t)(space - m.data) };
    half[1] = (struct bpe_text){ space + 1, m.size - half[0].size - 1 };
    return 0;
}

static int read_ends(const struct gguf *g, struct bpe_source *s, struct error *e)
{
    static const char *const bos = "tokenizer.ggml.bos_token_id";
    static const char *const eos = "tokenizer.ggml.eos_token_id";
    static const char *const add = "tokenizer.ggml.add_bos_token";

    s->bos = s->eos = -1;
    if ((gguf_has(g, bos) && gguf_i32(g, bos, &s->bos, e) < 0) ||
        (gguf_has(g, eos) && gguf_i32(g, eos, &s->eos, e) < 0))
        return -1;
    if (gguf_has(g, add))
        return gguf_bool(g, add, &s->add_bos, e);
    s->add_bos = s->cut == BPE_LLAMA3 && s->bos >= 0; /* older files do not say */
    return 0;
}

static int read_cut(const struct gguf *g, struct bpe_source *s, struct error *e)
{
    char *model = gguf_string(g, "tokenizer.ggml.model", e), *pre = NULL;
    int cut = -1;

    if (!model)
        return -1;
    if (strcmp(model, "gpt2") != 0)
        fail(e, "%s: tokenizer \"%s\"%s, expected \"gpt2\" (byte-level BPE)", gguf_path(g),
             model, strcmp(model, "llama") == 0 ? " (SentencePiece)" : "");
    else if ((pre = gguf_string(g, "tokenizer.ggml.pre", e)) &&
             (cut = bpe_cut_find(pre, e)) < 0)
        fail_in(e, "%s: tokenizer.ggml.pre", gguf_path(g));
    free(model);
    free(pre);
    if (cut < 0)
        return -1;
    s->cut = (enum bpe_cut)cut;
    s->whole_pieces = s->cut == BPE_LLAMA3;
    s->compose = s->cut == BPE_QWEN2;
    return 0;
}

static struct bpe *build(const struct gguf *g, struct bpe_source *s,
                         const struct lists *l, struct bpe_text *token,
                         enum bpe_kind *kind, struct bpe_text (*merge)[2],
                         struct error *e)
{
    struct bpe *t;

    for (size_t i = 0; i < l->tokens; i++) {
        token[i] = (struct bpe_text){ l->token[i].data, l->token[i].size };
        kind[i] = l->type ? kind_of(l->type[i]) : BPE_NORMAL;
        if ((int)i == s->bos || (int)i == s->eos)
            kind[i] = BPE_SPECIAL;
    }
    for (size_t i = 0; i < l->merges; i++)
        if (split_merge(l->merge[i], merge[i]) < 0) {
            fail(e, "%s: merge %zu is not two tokens", gguf_path(g), i);
            return NULL;
        }
    s->tokens = l->tokens;
    s->merges = l->merges;
    s->token = token;
    s->kind = kind;
    s->merge = (const struct bpe_text (*)[2])merge;
    t = bpe_new(s, e);
    if (!t)
        fail_in(e, "%s", gguf_path(g));
    return t;
}

struct bpe *bpe_from_gguf(const struct gguf *g, struct error *e)
{
    struct bpe_source s = { 0 };
    struct lists l = { 0 };
    struct bpe *t = NULL;

    if (read_cut(g, &s, e) == 0 && read_ends(g, &s, e) == 0 &&
        read_lists(g, &l, e) == 0) {
        struct bpe_text *token = mem_new(l.tokens, sizeof *token);
        enum bpe_kind *kind = mem_new(l.tokens, sizeof *kind);
        struct bpe_text (*merge)[2] = mem_new(l.merges, sizeof *merge);

        t = build(g, &s, &l, token, kind, merge, e);
        free(token);
        free(kind);
        free(merge);
    }
    free(l.token);
    free(l.merge);
    free(l.type);
    return t;
}
