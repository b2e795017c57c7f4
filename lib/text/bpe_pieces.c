/* SentencePiece's kind of BPE: what is another than with bytes. */
#include "text/bpe_parts.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

static const char block[] = "\xe2\x96\x81"; /* U+2581, the space of these files */

enum { BLOCK = sizeof block - 1 };

static int hex(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* to = from with every block as a space; how many bytes. */
static size_t with_spaces(char *to, const char *from, size_t n)
{
    size_t used = 0;

    for (size_t i = 0; i < n;) {
        bool space = n - i >= BLOCK && memcmp(from + i, block, BLOCK) == 0;

        to[used++] = space ? ' ' : from[i];
        i += space ? BLOCK : 1;
    }
    return used;
}

size_t bpe_piece_bytes(struct bpe_text w, char *out, int *byte)
{
    *byte = -1;
    if (w.size == 6 && memcmp(w.data, "<0x", 3) == 0 && w.data[5] == '>'
        && hex(w.data[3]) >= 0 && hex(w.data[4]) >= 0) {
        *byte = 16 * hex(w.data[3]) + hex(w.data[4]);
        out[0] = (char)(unsigned char)*byte;
        return 1;
    }
    return with_spaces(out, w.data, w.size);
}

char *bpe_piece_text(const struct bpe *t, const char *text, size_t *n, bool space)
{
    char *out = mem_new(*n + 1, 1);
    size_t size = with_spaces(out + 1, text, *n);

    out[0] = ' ';
    if (!space || size == 0 || (t->space_once && out[1] == ' '))
        memmove(out, out + 1, size);
    else
        size++;
    *n = size;
    return out;
}

/* Bytes of the character that begins here. */
static size_t character(const char *at, size_t n)
{
    unsigned char c = (unsigned char)*at;
    size_t bytes = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

    return bytes < n ? bytes : n;
}

static bool has_bytes(const struct bpe *t, const char *at, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (t->byte[(unsigned char)at[i]] < 0)
            return false;
    return true;
}

size_t bpe_piece_characters(const struct bpe *t, const char *piece, size_t n, int *ids)
{
    size_t used = 0;
    bool was_unknown = false;

    for (size_t at = 0, size; at < n; at += size) {
        int id;
        bool unknown = false;

        size = character(piece + at, n - at);
        id = bpe_find(t, piece + at, size);
        if (id >= 0) {
            ids[used++] = id;
        } else if (has_bytes(t, piece + at, size)) {
            for (size_t i = 0; i < size; i++)
                ids[used++] = t->byte[(unsigned char)piece[at + i]];
        } else {
            unknown = t->unknown >= 0;
            if (unknown && !(t->fuse_unknown && was_unknown))
                ids[used++] = t->unknown;
        }
        was_unknown = unknown;
    }
    return used;
}

struct scored {
    float score;
    int id;
};

static int higher_first(const void *a, const void *b)
{
    const struct scored *x = a, *y = b;

    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

/* rank[id]: how many different scores are higher. */
static int *ranks_of(const float *score, int tokens)
{
    struct scored *list = mem_new((size_t)tokens, sizeof *list);
    int *rank = mem_new((size_t)tokens, sizeof *rank), r = 0;

    for (int i = 0; i < tokens; i++)
        list[i] = (struct scored){ score[i] == score[i] ? score[i] : 0, i };
    qsort(list, (size_t)tokens, sizeof *list, higher_first);
    for (int i = 0; i < tokens; i++) {
        r += i > 0 && list[i].score < list[i - 1].score;
        rank[list[i].id] = r;
    }
    free(list);
    return rank;
}

/* Counts the ways to make token id of two, and enters them where rank is given. */
static size_t split(struct bpe *t, int id, const int *rank)
{
    struct bpe_text w = t->token[id];
    size_t ways = 0;

    if (t->kind[id] != BPE_NORMAL || bpe_find(t, w.data, w.size) != id)
        return 0;
    for (size_t at = character(w.data, w.size); at < w.size;
         at += character(w.data + at, w.size - at)) {
        int left = bpe_find(t, w.data, at), right = bpe_find(t, w.data + at, w.size - at);

        if (left < 0 || right < 0)
            continue;
        ways++;
        if (rank)
            bpe_merges_put(t, left, right, rank[id], id);
    }
    return ways;
}

void bpe_piece_merges(struct bpe *t, const float *score)
{
    int *rank = ranks_of(score, t->tokens);
    size_t ways = 0;

    for (int i = 0; i < t->tokens; i++)
        ways += split(t, i, NULL);
    bpe_merges_new(t, ways);
    for (int i = 0; i < t->tokens; i++)
        split(t, i, rank);
    free(rank);
}
