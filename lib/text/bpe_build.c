#include "text/bpe.h"

#include "text/bpe_parts.h"
#include "util/mem.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

enum { ALPHABET = 256 + 68 }; /* code points of GPT-2's alphabet lie below */

/* The alphabet writes printable Latin-1 as itself and the other 68 bytes, in
 * order, from U+0100 on.  back[code point] is the byte, -1 where there is none. */
static bool is_printable(int b)
{
    return (b >= '!' && b <= '~') || (b >= 0xa1 && b != 0xad);
}

int bpe_letter(unsigned char byte)
{
    int letter = 256;

    if (is_printable(byte))
        return byte;
    for (int b = 0; b < byte; b++)
        letter += !is_printable(b);
    return letter;
}

static void make_alphabet(int back[ALPHABET])
{
    for (int i = 0; i < ALPHABET; i++)
        back[i] = -1;
    for (int b = 0; b < 256; b++)
        back[bpe_letter((unsigned char)b)] = b;
}

/* The bytes that a token is written for, into out[size of written] at most;
 * their number, or -1 where a character is not of the alphabet. */
static ptrdiff_t alphabet_bytes(const int back[ALPHABET], struct bpe_text written,
                                char *out)
{
    const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)written.data;
    utf8proc_ssize_t left = (utf8proc_ssize_t)written.size;
    ptrdiff_t n = 0;

    while (left > 0) {
        utf8proc_int32_t c;
        utf8proc_ssize_t used = utf8proc_iterate(at, left, &c);

        if (used < 1 || c >= ALPHABET || back[c] < 0)
            return -1;
        out[n++] = (char)(unsigned char)back[c];
        at += used;
        left -= used;
    }
    return n;
}

/* Copies the tokens' bytes and enters the normal ones into the table. */
static void add_tokens(struct bpe *t, const struct bpe_source *s,
                       const int back[ALPHABET])
{
    size_t total = 0;
    char *at;

    for (size_t i = 0; i < s->tokens; i++)
        total += s->token[i].size;
    t->tokens = (int)s->tokens;
    t->token = mem_new(s->tokens, sizeof *t->token);
    t->kind = mem_new(s->tokens, sizeof *t->kind);
    t->letters = mem_new(s->tokens, sizeof *t->letters);
    t->arena = at = mem_new(total, 1);
    memset(t->byte, 0xff, sizeof t->byte);
    for (int i = 0; i < t->tokens; i++) {
        struct bpe_text written = s->token[i];
        ptrdiff_t n = -1;
        int byte = -1;

        t->kind[i] = s->kind[i];
        if (t->kind[i] == BPE_NORMAL)
            n = s->pieces ? (ptrdiff_t)bpe_piece_bytes(written, at, &byte)
                          : alphabet_bytes(back, written, at);
        t->letters[i] = n >= 0;
        if (n < 0 && written.size > 0) /* stands for itself */
            memcpy(at, written.data, written.size);
        t->token[i] = (struct bpe_text){ at, n < 0 ? written.size : (size_t)n };
        if (t->kind[i] == BPE_ADDED && written.size > 0) {
            t->begins[(unsigned char)*at] = true;
            MEM_PUSH(t->added, t->addeds, t->added_room, i);
        }
        at += t->token[i].size;
        if (byte >= 0)
            t->byte[byte] = i;
        else if (n > 0 && bpe_find(t, t->token[i].data, (size_t)n) < 0)
            vocab_add(&t->normal, t->token[i].data, (size_t)n, i);
    }
    for (int b = 0; b < 256 && !s->pieces; b++)
        t->byte[b] = bpe_find(t, &(char){ (char)(unsigned char)b }, 1);
}

/* The bytes of half of a merge, or -1. */
static ptrdiff_t half_bytes(const struct bpe *t, struct bpe_text half,
                            const int back[ALPHABET], char *out)
{
    int byte;

    return t->pieces ? (ptrdiff_t)bpe_piece_bytes(half, out, &byte)
                     : alphabet_bytes(back, half, out);
}

/* The tokens of a merge's two halves and of their sum. */
static int resolve_merge(const struct bpe *t, const struct bpe_text half[2],
                         const int back[ALPHABET], int id[3], struct error *e)
{
    char *bytes = mem_new(half[0].size + half[1].size, 1);
    ptrdiff_t left = half_bytes(t, half[0], back, bytes), right = -1;

    id[0] = id[1] = id[2] = -1;
    if (left > 0) {
        id[0] = bpe_find(t, bytes, (size_t)left);
        right = half_bytes(t, half[1], back, bytes + left);
    }
    if (right > 0) {
        id[1] = bpe_find(t, bytes + left, (size_t)right);
        id[2] = bpe_find(t, bytes, (size_t)(left + right));
    }
    free(bytes);
    if (id[0] < 0 || id[1] < 0 || id[2] < 0)
        return fail(e, "\"%.*s %.*s\" is not of two tokens that make a third",
                    (int)(half[0].size < 100 ? half[0].size : 100), half[0].data,
                    (int)(half[1].size < 100 ? half[1].size : 100), half[1].data);
    return 0;
}

/* A pair given twice keeps the later rank, as Hugging Face's does. */
static int add_merges(struct bpe *t, const struct bpe_source *s,
                      const int back[ALPHABET], struct error *e)
{
    if (s->score) {
        bpe_piece_merges(t, s->score);
        return 0;
    }
    bpe_merges_new(t, s->merges);
    for (size_t i = 0; i < s->merges; i++) {
        int id[3];

        if (resolve_merge(t, s->merge[i], back, id, e) < 0)
            return fail_in(e, "merge %zu", i);
        bpe_merges_put(t, id[0], id[1], (int)i, id[2]);
    }
    return 0;
}

/* What added tokens do to their sides, where any does. */
static void add_sides(struct bpe *t, const unsigned char *sides)
{
    bool any = false;

    for (int i = 0; sides && i < t->tokens; i++)
        any |= t->kind[i] == BPE_ADDED && sides[i];
    if (any)
        t->sides = memcpy(mem_new((size_t)t->tokens, 1), sides, (size_t)t->tokens);
}

static int check_source(const struct bpe_source *s, struct error *e)
{
    int most = (int)s->tokens;

    if (s->tokens < 1 || s->tokens > INT_MAX / 4 || s->merges > INT_MAX / 4)
        return fail(e, "a tokenizer of %zu tokens and %zu merges", s->tokens, s->merges);
    if (s->bos < -1 || s->bos >= most || s->eos < -1 || s->eos >= most)
        return fail(e, "start token %d and end token %d, expected less than %d", s->bos,
                    s->eos, most);
    if (s->unknown < -1 || s->unknown >= most)
        return fail(e, "unknown token %d, expected less than %d", s->unknown, most);
    if (s->add_bos && s->bos < 0)
        return fail(e, "texts are to begin with a start token, but there is none");
    return 0;
}

struct bpe *bpe_new(const struct bpe_source *s, struct error *e)
{
    int back[ALPHABET];
    struct bpe *t;

    if (check_source(s, e) < 0)
        return NULL;
    t = mem_new(1, sizeof *t);
    t->whole_pieces = s->whole_pieces;
    t->compose = s->compose;
    t->cut_name = s->cut;
    t->add_bos = s->add_bos;
    t->bos = s->bos;
    t->eos = s->eos;
    t->pieces = s->pieces;
    t->space = s->space;
    t->space_once = s->space_once;
    t->unknown = s->unknown;
    t->fuse_unknown = s->fuse_unknown;
    make_alphabet(back);
    add_tokens(t, s, back);
    add_sides(t, s->sides);
    if (add_merges(t, s, back, e) < 0 || bpe_cut_compile(s->cut, s->own, t->cut, e) < 0) {
        bpe_free(t);
        return NULL;
    }
    return t;
}

void bpe_free(struct bpe *t)
{
    if (!t)
        return;
    for (int i = 0; i < BPE_STAGES; i++)
        pcre2_code_free(t->cut[i]);
    free(t->token);
    free(t->kind);
    free(t->letters);
    free(t->arena);
    vocab_free(&t->normal);
    free(t->merge);
    free(t->added);
    free(t->sides);
    free(t);
}
