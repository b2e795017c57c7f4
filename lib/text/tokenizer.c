#include "text/tokenizer.h"

#include "text/bert_normalizer.h"
#include "text/tokenizer_parts.h"

#include <stdlib.h>
#include <string.h>

/* What one call needs. */
struct work {
    const tokenizer *t;
    struct token_list *out;
    struct wordpiece_room pieces;
    struct unigram_room ways;
    bool failed;
};

int tokenizer_size(const tokenizer *t)
{
    int size = t->model == MODEL_WORDPIECE ? t->wordpiece.vocab.highest + 1
               : t->model == MODEL_UNIGRAM ? t->unigram.tokens
                                           : bpe_tokens(t->bpe);

    for (long i = 0; i < t->addeds; i++)
        size = t->added[i].id >= size ? t->added[i].id + 1 : size;
    return size;
}

int tokenizer_added(const tokenizer *t)
{
    return (int)(t->before.n + t->after.n);
}

int tokenizer_added_after(const tokenizer *t)
{
    return (int)t->after.n;
}

static void add_all(struct token_list *out, const struct token_list *tokens)
{
    for (long i = 0; i < tokens->n; i++)
        token_list_add(out, tokens->id[i]);
}

static void encode_bytes(struct work *w, const int32_t *c, long n)
{
    char *text = mem_resize(NULL, 4 * (size_t)n + 1, 1);
    bool prefix = w->t->prefix_space && c[0] != ' ';
    size_t bytes = runes_write(text + prefix, NULL, c, n) + prefix;
    struct error e;
    int *ids, count;

    if (prefix)
        text[0] = ' ';
    count = bpe_encode(w->t->bpe, text, bytes, &ids, &e);
    w->failed |= count < 0;
    for (int i = 0; i < count; i++)
        token_list_add(w->out, ids[i]);
    free(ids);
    free(text);
}

/* Cuts n > 0 code points by steps `step`, ..., and encodes what they leave; first: they
 * begin the text. */
static void cut(struct work *w, int step, const int32_t *c, long n, bool first);

static void cut_spaces(struct work *w, int step, const int32_t *c, long n, bool first)
{
    bool marks = w->t->precut[step].kind == PRECUT_BERT;
    long start = 0;

    for (long i = 0; i <= n; i++) {
        bool space = i < n && rune_is_space(c[i]);
        bool alone = marks && i < n && !space && bert_is_punctuation(c[i]);

        if (i < n && !space && !alone)
            continue;
        if (i > start)
            cut(w, step + 1, c + start, i - start, first && start == 0);
        if (alone)
            cut(w, step + 1, c + i, 1, first && i == 0);
        start = i + 1;
    }
}

static void cut_metaspace(struct work *w, int step, const int32_t *c, long n, bool first)
{
    const struct precut *p = &w->t->precut[step];
    struct runes r = { 0 };
    long start = 0;

    if (c[0] != ' ' && c[0] != p->mark
        && (p->prepend == PREPEND_ALWAYS || (p->prepend == PREPEND_FIRST && first)))
        runes_push(&r, p->mark);
    for (long i = 0; i < n; i++)
        runes_push(&r, c[i] == ' ' ? p->mark : c[i]);
    for (long i = 1; i <= r.n; i++)
        if (i == r.n || (p->split && r.c[i] == p->mark)) {
            cut(w, step + 1, r.c + start, i - start, first && start == 0);
            start = i;
        }
    runes_free(&r);
}

static void cut(struct work *w, int step, const int32_t *c, long n, bool first)
{
    const tokenizer *t = w->t;

    if (step < t->precuts) {
        (t->precut[step].kind == PRECUT_METASPACE ? cut_metaspace
                                                  : cut_spaces)(w, step, c, n, first);
        return;
    }
    switch (t->model) {
    case MODEL_WORDPIECE:
        wordpiece_encode(&t->wordpiece, &w->pieces, c, n, w->out);
        break;
    case MODEL_UNIGRAM:
        unigram_encode(&t->unigram, &w->ways, c, n, w->out);
        break;
    case MODEL_BPE:
        encode_bytes(w, c, n);
    }
}

static void encode_raw(struct work *w, const int32_t *c, long n, bool first);

static void encode_normal(struct work *w, const int32_t *c, long n, bool first)
{
    cut(w, 0, c, n, first);
}

/* Finds added tokens from the left, the longest each, and hands what lies between to the
 * next stage: raw text is normalised, normalised text is cut into words. */
static void split_added(struct work *w, bool normalized, const int32_t *c, long n,
                        bool first)
{
    void (*stage)(struct work *, const int32_t *, long, bool) =
        normalized ? encode_normal : encode_raw;
    const struct trie *trie = normalized ? &w->t->normal : &w->t->raw;
    long done = 0, i = 0, length;

    while (i < n) {
        int found = trie_longest(trie, c + i, n - i, &length);
        const struct added_token *a = &w->t->added[found < 0 ? 0 : found];
        long from = i, to = i + length;

        if (found < 0) {
            i++;
            continue;
        }
        i = to;
        while (a->lstrip && from > done && rune_is_space(c[from - 1]))
            from--;
        while (a->rstrip && to < n && rune_is_space(c[to]))
            to++;
        if (from > done)
            stage(w, c + done, from - done, first && done == 0);
        token_list_add(w->out, a->id);
        done = to;
        i = to > i ? to : i;
    }
    if (n > done)
        stage(w, c + done, n - done, first && done == 0);
}

static void encode_raw(struct work *w, const int32_t *c, long n, bool first)
{
    struct runes text = { 0 };

    for (long i = 0; i < n; i++)
        runes_push(&text, c[i]);
    normalizer_run(&w->t->normalizer, &text);
    split_added(w, true, text.c, text.n, first);
    runes_free(&text);
}

long tokenizer_encode(const tokenizer *t, const char *text, size_t bytes, long limit,
                      struct token_list *out)
{
    struct work w = { .t = t, .out = out };
    struct runes raw = { 0 };
    long first = out->n, room = limit - t->after.n, full;

    if (!runes_read(&raw, text, bytes)) {
        runes_free(&raw);
        return -1;
    }
    add_all(out, &t->before);
    split_added(&w, false, raw.c, raw.n, true);
    full = out->n - first + t->after.n;
    if (limit > 0 && full > limit)
        out->n = first + (room > 0 ? room : 0);
    add_all(out, &t->after);
    runes_free(&raw);
    wordpiece_room_free(&w.pieces);
    unigram_room_free(&w.ways);
    return w.failed ? -1 : full;
}
