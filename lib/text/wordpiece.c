#include "text/wordpiece.h"

#include "text/wordpiece_parts.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

int wordpiece_size(const wordpiece *w)
{
    int size = w->vocab.highest + 1;

    for (long i = 0; i < w->specials; i++)
        size = w->special[i].id >= size ? w->special[i].id + 1 : size;
    return size;
}

int wordpiece_added(const wordpiece *w)
{
    return (int)(w->before.n + w->after.n);
}

static void add(struct token_list *out, int id)
{
    MEM_PUSH(out->id, out->n, out->room, id);
}

static void add_all(struct token_list *out, const struct token_list *tokens)
{
    for (long i = 0; i < tokens->n; i++)
        add(out, tokens->id[i]);
}

/* Greedy, longest piece first.  buffer holds the word's UTF-8 behind the prefix,
 * so that a piece inside the word gets the prefix by copying it before itself. */
static void cover_word(const wordpiece *w, const int32_t *c, long n, char *buffer,
                       size_t *at, struct token_list *out)
{
    size_t prefix = strlen(w->prefix);
    char *word = buffer + prefix;
    long start = 0, before = out->n;

    if (n > w->word_max) {
        add(out, w->unknown);
        return;
    }
    runes_write(word, at, c, n);
    while (start < n) {
        long end = n;
        size_t lead = start ? prefix : 0;
        char *piece = word + at[start] - lead;
        int id = -1;

        memcpy(piece, w->prefix, lead);
        while (end > start &&
               (id = vocab_find(&w->vocab, piece, at[end] - at[start] + lead)) < 0)
            end--;
        if (id < 0) {
            out->n = before;
            add(out, w->unknown);
            return;
        }
        add(out, id);
        start = end;
    }
}

/* Cuts normalised text into words: at white space, and punctuation by itself. */
static void cut_words(const wordpiece *w, const int32_t *c, long n,
                      struct token_list *out)
{
    size_t longest = (size_t)(n < w->word_max ? n : w->word_max);
    char *buffer = mem_resize(NULL, 4 * longest + strlen(w->prefix) + 1, 1);
    size_t *at = mem_resize(NULL, longest + 1, sizeof *at);
    long start = 0;

    for (long i = 0; i <= n; i++) {
        bool space = i < n && rune_is_space(c[i]);
        bool alone = i < n && !space && bert_is_punctuation(c[i]);

        if (i < n && !space && !alone)
            continue;
        if (i > start)
            cover_word(w, c + start, i - start, buffer, at, out);
        if (alone)
            cover_word(w, c + i, 1, buffer, at, out);
        start = i + 1;
    }
    free(buffer);
    free(at);
}

/* The longest special token at the beginning of c, or NULL. */
static const struct special_token *special_at(const wordpiece *w, bool normalized,
                                              const int32_t *c, long n)
{
    const struct special_token *best = NULL;

    for (long i = 0; i < w->specials; i++) {
        const struct special_token *s = &w->special[i];

        if (s->normalized == normalized && s->text.n > 0 && s->text.n <= n &&
            (!best || s->text.n > best->text.n) &&
            memcmp(c, s->text.c, (size_t)s->text.n * sizeof *c) == 0)
            best = s;
    }
    return best;
}

static void encode_raw(const wordpiece *w, const int32_t *c, long n,
                       struct token_list *out);

/* Finds special tokens from the left, hands what lies between to the next stage:
 * raw text is normalised, normalised text is cut into words. */
static void split_special(const wordpiece *w, bool normalized, const int32_t *c, long n,
                          struct token_list *out)
{
    void (*stage)(const wordpiece *, const int32_t *, long, struct token_list *) =
        normalized ? cut_words : encode_raw;
    long done = 0, i = 0;

    while (i < n) {
        const struct special_token *s = special_at(w, normalized, c + i, n - i);
        long from = i, to;

        if (!s) {
            i++;
            continue;
        }
        to = i + s->text.n;
        i = to;
        while (s->lstrip && from > done && rune_is_space(c[from - 1]))
            from--;
        while (s->rstrip && to < n && rune_is_space(c[to]))
            to++;
        if (from > done)
            stage(w, c + done, from - done, out);
        add(out, s->id);
        done = to;
        i = to > i ? to : i;
    }
    if (n > done)
        stage(w, c + done, n - done, out);
}

static void encode_raw(const wordpiece *w, const int32_t *c, long n,
                       struct token_list *out)
{
    struct runes text = { 0 };

    for (long i = 0; i < n; i++)
        runes_push(&text, c[i]);
    bert_normalize(&w->normalizer, &text);
    split_special(w, true, text.c, text.n, out);
    runes_free(&text);
}

long wordpiece_encode(const wordpiece *w, const char *text, size_t bytes, long limit,
                      struct token_list *out)
{
    struct runes raw = { 0 };
    long first = out->n, room = limit - w->after.n, full;

    if (!runes_read(&raw, text, bytes)) {
        runes_free(&raw);
        return -1;
    }
    add_all(out, &w->before);
    split_special(w, false, raw.c, raw.n, out);
    full = out->n - first + w->after.n;
    if (limit > 0 && full > limit)
        out->n = first + (room > 0 ? room : 0);
    add_all(out, &w->after);
    runes_free(&raw);
    return full;
}
