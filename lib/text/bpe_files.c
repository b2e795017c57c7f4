#include "text/bpe_files.h"

#include "util/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Everything that tokenizer.ggml.* holds as lists. */
struct lists {
    struct gguf_text *token, *merge;
    int32_t *type;
    float *score;
    size_t tokens, merges, types, scores;
};

/* pieces: scores take the place of merges. */
static int read_lists(const struct gguf *g, bool pieces, struct lists *l, struct error *e)
{
    if (gguf_strings(g, "tokenizer.ggml.tokens", &l->token, &l->tokens, e) < 0 ||
        (pieces ? gguf_f32s(g, "tokenizer.ggml.scores", &l->score, &l->scores, e)
                : gguf_strings(g, "tokenizer.ggml.merges", &l->merge, &l->merges, e)) < 0)
        return -1;
    if (pieces && l->scores != l->tokens)
        return fail(e, "%s: %zu scores for %zu tokens", gguf_path(g), l->scores,
                    l->tokens);
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
    /* Older files do not say: Llama 3 and Mistral, which take pieces whole, have one. */
    s->add_bos = (s->pieces || s->whole_pieces) && s->bos >= 0;
    return 0;
}

/* SentencePiece's kind.  "millrace.space" is ours: what llama.cpp's files cannot say. */
static int read_pieces(const struct gguf *g, struct bpe_source *s, struct error *e)
{
    static const char *const prefix = "tokenizer.ggml.add_space_prefix";
    static const char *const unknown = "tokenizer.ggml.unknown_token_id";
    bool space = true;
    uint32_t own;

    s->cut = BPE_OWN;
    s->pieces = true;
    if ((gguf_has(g, prefix) && gguf_bool(g, prefix, &space, e) < 0) ||
        (gguf_has(g, unknown) && gguf_i32(g, unknown, &s->unknown, e) < 0))
        return -1;
    s->space = space ? BPE_SPACE_EVERY : BPE_NO_SPACE;
    if (!gguf_has(g, BPE_SPACE_KEY))
        return 0;
    if (gguf_u32(g, BPE_SPACE_KEY, &own, e) < 0)
        return -1;
    if (own > 2 * BPE_SPACE_EVERY + 1)
        return fail(e, "%s: %s is %u: expected at most %d", gguf_path(g), BPE_SPACE_KEY,
                    own, 2 * BPE_SPACE_EVERY + 1);
    s->space = (enum bpe_space)(own / 2);
    s->space_once = own % 2;
    return 0;
}

static int read_cut(const struct gguf *g, struct bpe_source *s, struct error *e)
{
    char *name = gguf_string(g, "tokenizer.ggml.pre", e);
    const struct bpe_pre *pre = name ? bpe_pre_find(name, e) : NULL;

    if (name && !pre)
        fail_in(e, "%s: tokenizer.ggml.pre", gguf_path(g));
    free(name);
    if (!pre)
        return -1;
    s->cut = pre->cut;
    s->whole_pieces = pre->whole_pieces;
    s->compose = pre->compose;
    return 0;
}

static int read_kind(const struct gguf *g, struct bpe_source *s, struct error *e)
{
    char *model = gguf_string(g, "tokenizer.ggml.model", e);
    int done = -1;

    if (!model)
        return -1;
    if (strcmp(model, "llama") == 0)
        done = read_pieces(g, s, e);
    else if (strcmp(model, "gpt2") == 0)
        done = read_cut(g, s, e);
    else
        fail(e, "%s: tokenizer \"%s\", expected \"gpt2\" (byte-level BPE) or \"llama\" "
             "(SentencePiece's BPE)", gguf_path(g), model);
    free(model);
    return done;
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
    s->score = l->score;
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
    struct bpe_source s = { .unknown = -1 };
    struct lists l = { 0 };
    struct bpe *t = NULL;

    if (read_kind(g, &s, e) == 0 && read_ends(g, &s, e) == 0 &&
        read_lists(g, s.pieces, &l, e) == 0) {
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
    free(l.score);
    return t;
}
