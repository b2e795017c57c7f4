#include "text/bpe_files.h"

#include "text/bpe_parts.h"
#include "util/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

/* Texts one behind the other, by their places, since what holds them moves. */
struct open_texts {
    char *data;
    size_t size, room;
    struct {
        size_t at, size;
    } *list;
    size_t n, list_room;
};

static void add_bytes(struct open_texts *t, const char *data, size_t n)
{
    if (t->size + n > t->room) {
        t->room = 2 * (t->size + n);
        t->data = mem_resize(t->data, t->room, 1);
    }
    if (n > 0)
        memcpy(t->data + t->size, data, n);
    t->size += n;
}

static void open_text(struct open_texts *t)
{
    if (t->n == t->list_room) {
        t->list_room = t->list_room ? 2 * t->list_room : 1024;
        t->list = mem_resize(t->list, t->list_room, sizeof *t->list);
    }
    t->list[t->n].at = t->size;
    t->n++;
}

static void close_text(struct open_texts *t)
{
    t->list[t->n - 1].size = t->size - t->list[t->n - 1].at;
}

static void put_texts(struct open_texts *t, const char *key, struct gguf_writer *w)
{
    struct gguf_text *v = mem_new(t->n, sizeof *v);

    for (size_t i = 0; i < t->n; i++)
        v[i] = (struct gguf_text){ t->data + t->list[i].at, t->list[i].size };
    gguf_put_strings(w, key, v, t->n);
    free(v);
    free(t->data);
    free(t->list);
}

size_t bpe_byte_letter(int byte, char letter[4])
{
    return (size_t)utf8proc_encode_char(bpe_letter((unsigned char)byte),
                                        (utf8proc_uint8_t *)letter);
}

/* Bytes in GPT-2's alphabet. */
static void add_letters(struct open_texts *t, struct bpe_text bytes)
{
    for (size_t i = 0; i < bytes.size; i++) {
        char letter[4];

        add_bytes(t, letter, bpe_byte_letter((unsigned char)bytes.data[i], letter));
    }
}

/* As SentencePiece's files write a token. */
static void add_piece(struct open_texts *t, const struct bpe *b, int id)
{
    struct bpe_text bytes = b->token[id];
    char name[8];

    if (bytes.size == 1 && b->byte[(unsigned char)*bytes.data] == id) {
        add_bytes(t, name, (size_t)snprintf(name, sizeof name, "<0x%02X>",
                                            (unsigned)(unsigned char)*bytes.data));
        return;
    }
    for (size_t i = 0; i < bytes.size; i++)
        if (bytes.data[i] == ' ')
            add_bytes(t, "\xe2\x96\x81", 3);
        else
            add_bytes(t, bytes.data + i, 1);
}

/* Ids that no token has are named as other programs do, since each needs a name. */
static void add_token(struct open_texts *t, const struct bpe *b, int id)
{
    char name[32];

    open_text(t);
    if (id >= b->tokens || (b->kind[id] == BPE_UNUSED && b->token[id].size == 0))
        add_bytes(t, name, (size_t)snprintf(name, sizeof name, "[PAD%d]", id));
    else if (b->kind[id] == BPE_NORMAL && b->pieces)
        add_piece(t, b, id);
    else if (b->kind[id] == BPE_NORMAL && b->letters[id])
        add_letters(t, b->token[id]);
    else
        add_bytes(t, b->token[id].data, b->token[id].size);
    close_text(t);
}

static int32_t type_of(const struct bpe *b, int id)
{
    enum bpe_kind kind = id < b->tokens ? b->kind[id] : BPE_UNUSED;

    if (kind == BPE_NORMAL && b->pieces && b->token[id].size == 1
        && b->byte[(unsigned char)*b->token[id].data] == id)
        return 6;
    if (b->pieces && id == b->unknown)
        return 2;
    return kind == BPE_SPECIAL ? 3 : kind == BPE_ADDED ? 4 : kind == BPE_UNUSED ? 5 : 1;
}

static int by_rank(const void *a, const void *b)
{
    const struct bpe_merge *x = a, *y = b;

    return (x->rank > y->rank) - (x->rank < y->rank);
}

static void put_merges(const struct bpe *b, struct gguf_writer *w)
{
    struct bpe_merge *merge = mem_new(b->merges, sizeof *merge);
    struct open_texts t = { 0 };
    size_t n = 0;

    for (size_t i = 0; i < b->merges; i++)
        if (b->merge[i].pair != NO_PAIR)
            merge[n++] = b->merge[i];
    qsort(merge, n, sizeof *merge, by_rank);
    for (size_t i = 0; i < n; i++) {
        open_text(&t);
        add_letters(&t, b->token[merge[i].pair >> 32]);
        add_bytes(&t, " ", 1);
        add_letters(&t, b->token[merge[i].pair & 0xffffffff]);
        close_text(&t);
    }
    put_texts(&t, "tokenizer.ggml.merges", w);
    free(merge);
}

/* Instead of merges: a token's score is less the later it is made. */
static void put_scores(const struct bpe *b, int vocab, struct gguf_writer *w)
{
    float *score = mem_new((size_t)vocab, sizeof *score);

    for (size_t i = 0; i < b->merges; i++) {
        const struct bpe_merge *m = &b->merge[i];

        if (m->pair != NO_PAIR &&
            (score[m->id] == 0 || -(float)m->rank - 1 > score[m->id]))
            score[m->id] = -(float)m->rank - 1;
    }
    gguf_put_f32s(w, "tokenizer.ggml.scores", score, (size_t)vocab);
    free(score);
}

static void put_pieces(const struct bpe *b, int vocab, struct gguf_writer *w)
{
    gguf_put_string(w, "tokenizer.ggml.model", "llama");
    put_scores(b, vocab, w);
    gguf_put_bool(w, "tokenizer.ggml.add_space_prefix", b->space != BPE_NO_SPACE);
    if (b->space != BPE_NO_SPACE)
        gguf_put_u32(w, BPE_SPACE_KEY, 2 * (uint32_t)b->space + b->space_once);
    if (b->unknown >= 0)
        gguf_put_u32(w, "tokenizer.ggml.unknown_token_id", (uint32_t)b->unknown);
}

static bool has_all_bytes(const struct bpe *b)
{
    for (int i = 0; i < 256; i++)
        if (b->byte[i] < 0)
            return false;
    return true;
}

/* The format implies what else a cut does to a text: that must be what b does. */
static int check_flags(const struct bpe *b, struct error *e)
{
    if (b->cut_name == BPE_OWN && !b->pieces)
        return fail(e,
                    "a tokenizer that cuts text in its own way: a GGUF file has no name "
                    "for it");
    if (b->pieces && (b->cut[0] || b->compose || b->whole_pieces))
        return fail(e,
                    "a SentencePiece tokenizer that cuts or composes text: a GGUF file "
                    "cannot say so");
    if (b->pieces)
        return b->fuse_unknown && !has_all_bytes(b)
                   ? fail(e, "a SentencePiece tokenizer without tokens for bytes, whose "
                          "unknown characters are one: a GGUF file cannot say so")
                   : 0;
    if (!bpe_pre_name(b->cut_name, b->whole_pieces, b->compose))
        return fail(e, "a tokenizer that cuts text as others do, but %s whole pieces %s "
                    "composing characters: a GGUF file has no name for it",
                    b->whole_pieces ? "takes" : "does not take",
                    b->compose ? "after" : "without");
    return 0;
}

int bpe_to_gguf(const struct bpe *b, int vocab, struct gguf_writer *w, struct error *e)
{
    int32_t *type;
    struct open_texts t = { 0 };

    if (b->tokens > vocab)
        return fail(e, "the tokenizer has %d tokens, the model %d", b->tokens, vocab);
    if (check_flags(b, e) < 0)
        return -1;
    type = mem_new((size_t)vocab, sizeof *type);
    for (int id = 0; id < vocab; id++) {
        add_token(&t, b, id);
        type[id] = type_of(b, id);
    }
    if (b->pieces) {
        put_pieces(b, vocab, w);
    } else {
        gguf_put_string(w, "tokenizer.ggml.model", "gpt2");
        gguf_put_string(w, "tokenizer.ggml.pre",
                        bpe_pre_name(b->cut_name, b->whole_pieces, b->compose));
    }
    put_texts(&t, "tokenizer.ggml.tokens", w);
    gguf_put_i32s(w, "tokenizer.ggml.token_type", type, (size_t)vocab);
    if (!b->pieces)
        put_merges(b, w);
    if (b->bos >= 0)
        gguf_put_u32(w, "tokenizer.ggml.bos_token_id", (uint32_t)b->bos);
    if (b->eos >= 0)
        gguf_put_u32(w, "tokenizer.ggml.eos_token_id", (uint32_t)b->eos);
    gguf_put_bool(w, "tokenizer.ggml.add_bos_token", b->add_bos);
    free(type);
    return 0;
}
