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

/* Ids that no token has are named as other programs do, since each needs a name. */
static void add_token(struct open_texts *t, const struct bpe *b, int id)
{
    char name[32];

    open_text(t);
    if (id >= b->tokens || (b->kind[id] == BPE_UNUSED && b->token[id].size == 0))
        add_bytes(t, name, (size_t)snprintf(name, sizeof name, "[PAD%d]", id));
    else if (b->kind[id] == BPE_NORMAL && b->letters[id])
        add_letters(t, b->token[id]);
    else
        add_bytes(t, b->token[id].data, b->token[id].size);
    close_text(t);
}

static int32_t type_of(const struct bpe *b, int id)
{
    enum bpe_kind kind = id < b->tokens ? b->kind[id] : BPE_UNUSED;

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

/* The format implies what else a cut does to a text: that must be what b does. */
static int check_flags(const struct bpe *b, struct error *e)
{
    if (b->whole_pieces != (b->cut_name == BPE_LLAMA3))
        return fail(e, "a tokenizer that cuts as \"%s\" and %s whole pieces: a GGUF file "
                    "cannot say so", bpe_cut_name(b->cut_name),
                    b->whole_pieces ? "takes" : "does not take");
    if (b->compose != (b->cut_name == BPE_QWEN2))
        return fail(e, "a tokenizer that cuts as \"%s\" %s composing characters: a GGUF "
                    "file cannot say so", bpe_cut_name(b->cut_name),
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
    gguf_put_string(w, "tokenizer.ggml.model", "gpt2");
    gguf_put_string(w, "tokenizer.ggml.pre", bpe_cut_name(b->cut_name));
    put_texts(&t, "tokenizer.ggml.tokens", w);
    gguf_put_i32s(w, "tokenizer.ggml.token_type", type, (size_t)vocab);
    put_merges(b, w);
    if (b->bos >= 0)
        gguf_put_u32(w, "tokenizer.ggml.bos_token_id", (uint32_t)b->bos);
    if (b->eos >= 0)
        gguf_put_u32(w, "tokenizer.ggml.eos_token_id", (uint32_t)b->eos);
    gguf_put_bool(w, "tokenizer.ggml.add_bos_token", b->add_bos);
    free(type);
    return 0;
}
