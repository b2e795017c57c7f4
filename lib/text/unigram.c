#include "text/unigram.h"

#include "text/runes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNKNOWN_COST 10.0 /* SentencePiece's kUnkPenalty */

/* One entry of the vocabulary, [PIECE, SCORE]. */
static int read_piece(struct unigram *u, const char *path, const json_t *v,
                      struct error *e)
{
    const char *text = json_string_value(json_array_get(v, 0));
    const json_t *score = json_array_get(v, 1);
    struct runes r = { 0 };
    int id = u->tokens;

    if (!text || !json_is_number(score))
        return fail(e, "%s: piece %d: expected [TEXT, SCORE]", path, id);
    runes_read(&r, text, strlen(text)); /* JSON is UTF-8 */
    if (r.n > 0)
        trie_add(&u->pieces, r.c, r.n, id);
    runes_free(&r);
    u->score[id] = json_number_value(score);
    if (id == 0 || u->score[id] < u->lowest)
        u->lowest = u->score[id];
    u->tokens++;
    return 0;
}

static void find_bytes(struct unigram *u)
{
    for (int b = 0; b < 256; b++) {
        char name[8];
        int32_t c[8];

        snprintf(name, sizeof name, "<0x%02X>", b);
        for (int i = 0; i < 6; i++)
            c[i] = name[i];
        u->byte[b] = trie_find(&u->pieces, c, 6);
    }
}

int unigram_read(struct unigram *u, const struct json_file *model, struct error *e)
{
    const json_t *list = json_object_get(model->root, "vocab"), *v;
    long unknown;
    size_t i;

    *u = (struct unigram){ .unknown = -1 };
    if (!json_is_array(list) || json_array_size(list) == 0
        || json_array_size(list) > 1 << 24)
        return fail(e, "%s: expected a \"vocab\" that lists pieces with their scores",
                    model->path);
    if (json_int_or(model, "unk_id", 0, (long)json_array_size(list) - 1, -1, &unknown,
                    e) < 0
        || json_bool_or(model, "byte_fallback", false, &u->bytes, e) < 0)
        return -1;
    u->unknown = (int)unknown;
    u->score = mem_new(json_array_size(list), sizeof *u->score);
    json_array_foreach (list, i, v)
        if (read_piece(u, model->path, v, e) < 0)
            return -1;
    if (u->unknown < 0)
        return fail(e, "%s: has no \"unk_id\" for what is in no piece", model->path);
    find_bytes(u);
    return 0;
}

void unigram_free(struct unigram *u)
{
    trie_free(&u->pieces);
    free(u->score);
}

void unigram_room_free(struct unigram_room *r)
{
    free(r->best);
    free(r->from);
    free(r->mark);
}

static void room_for(struct unigram_room *r, long n)
{
    if (n < r->size)
        return;
    r->size = 2 * n + 64;
    r->best = mem_resize(r->best, (size_t)r->size, sizeof *r->best);
    r->from = mem_resize(r->from, (size_t)r->size, sizeof *r->from);
    r->mark = mem_resize(r->mark, (size_t)r->size, sizeof *r->mark);
}

static void offer(struct unigram_room *r, long from, long end, double score)
{
    if (r->from[end] < 0 || score > r->best[end]) {
        r->best[end] = score;
        r->from[end] = from;
    }
}

/* The best way to every place of the text, from the left. */
static void find_ways(const struct unigram *u, struct unigram_room *r,
                      const int32_t *text, long n)
{
    for (long i = 0; i <= n; i++)
        r->from[i] = -1;
    r->best[0] = 0;
    for (long i = 0; i < n; i++) {
        bool alone = false;
        int node = 0;

        for (long k = i; k < n && (node = trie_step(&u->pieces, node,
                                                    text[k])) >= 0; k++) {
            int id = trie_value(&u->pieces, node);

            if (id < 0)
                continue;
            offer(r, i, k + 1, r->best[i] + u->score[id]);
            alone |= k == i;
        }
        if (!alone)
            offer(r, i, i + 1, r->best[i] + u->lowest - UNKNOWN_COST);
    }
}

/* What is in no piece: its bytes, where all of them are tokens, or one unknown token. */
static void add_unknown(const struct unigram *u, const int32_t *text, long n,
                        struct token_list *out)
{
    long before = out->n;

    for (long i = 0; u->bytes && i < n; i++) {
        char utf8[4];
        size_t bytes = runes_write(utf8, NULL, text + i, 1);

        for (size_t k = 0; k < bytes; k++) {
            int id = u->byte[(unsigned char)utf8[k]];

            if (id < 0) {
                out->n = before;
                token_list_add(out, u->unknown);
                return;
            }
            token_list_add(out, id);
        }
    }
    if (!u->bytes)
        token_list_add(out, u->unknown);
}

void unigram_encode(const struct unigram *u, struct unigram_room *r, const int32_t *text,
                    long n, struct token_list *out)
{
    long marks = 0, start = 0;

    room_for(r, n);
    find_ways(u, r, text, n);
    for (long end = n; end > 0; end = r->from[end])
        r->mark[marks++] = end;
    while (marks > 0) {
        long end = r->mark[--marks];
        int id = trie_find(&u->pieces, text + start, end - start);

        while ((id < 0 || id == u->unknown) && marks > 0) { /* neighbours join */
            int next = trie_find(&u->pieces, text + end, r->mark[marks - 1] - end);

            if (next >= 0 && next != u->unknown)
                break;
            end = r->mark[--marks];
            id = -1;
        }
        if (id < 0)
            id = trie_find(&u->pieces, text + start, end - start);
        if (id >= 0)
            token_list_add(out, id);
        else
            add_unknown(u, text + start, end - start, out);
        start = end;
    }
}
