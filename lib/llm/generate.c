#include "llm/generate.h"

#include "llm/decoder_cache.h"
#include "text/runes.h"
#include "util/clock.h"
#include "util/error.h"
#include "util/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One text while it is written. */
struct writing {
    struct generation *of;
    struct decoder_cache *cache;
    int limit;        /* tokens that there is room for */
    int tokens;
    int last;         /* the token that was said last */
    char *text;
    size_t n, room;
    bool done;
};

/* Of max_tokens, what fits: the last token takes no row. */
static int room_for(const struct generator *g, int rows)
{
    int context = decoder_config(g->llm->model)->context;

    return rows + g->max_tokens - 1 <= context ? g->max_tokens : context - rows + 1;
}

/* The prompt but for its last row, which is the first step's. */
static void read_prompt(const struct generator *g, struct writing *t)
{
    const struct decoder *m = g->llm->model;
    int rows = t->of->rows;
    struct decoder_workspace *w = decoder_pool_take(g->workspaces, m, rows, 1, false);

    t->limit = room_for(g, rows);
    t->cache = decoder_cache_new(m, rows + t->limit - 1);
    decoder_fill(m, t->cache, t->of->embeddings, rows - 1, w);
    decoder_pool_give(g->workspaces, w);
}

/* The row of the next step. */
static void next_row(const struct generator *g, const struct writing *t, real *row)
{
    size_t width = (size_t)decoder_config(g->llm->model)->embed_width;

    if (t->tokens == 0)
        memcpy(row, t->of->embeddings + (size_t)(t->of->rows - 1) * width,
               width * sizeof *row);
    else
        decoder_embed(g->llm->model, t->last, row);
}

static void append(struct writing *t, const char *bytes, size_t n)
{
    if (t->n + n + 1 > t->room) {
        t->room = 2 * (t->n + n + 1);
        t->text = mem_resize(t->text, t->room, 1);
    }
    if (n > 0)
        memcpy(t->text + t->n, bytes, n);
    t->n += n;
    t->text[t->n] = 0;
}

/* Cuts the text before the earliest stop text that ends within its last `fresh` bytes;
 * was there one? */
static bool cut_at_stop(struct writing *t, char *const *stop, size_t fresh)
{
    size_t at = t->n;
    bool found = false;

    for (int i = 0; stop[i]; i++) {
        size_t length = strlen(stop[i]), back = fresh + length - 1;
        size_t from = back < t->n ? t->n - back : 0;
        char *p = memmem(t->text + from, t->n - from, stop[i], length);

        if (p && (size_t)(p - t->text) < at) {
            at = (size_t)(p - t->text);
            found = true;
        }
    }
    t->n = at;
    t->text[at] = 0;
    return found;
}

static bool is_finite(const real *x, int n)
{
    bool finite = true;

    for (int i = 0; i < n; i++)
        finite &= isfinite(x[i]) != 0;
    return finite;
}

static void say_token(const struct generator *g, struct writing *t, const real *logits)
{
    const struct bpe *bpe = g->llm->bpe;
    int token = sampler_pick(&g->sampler, logits, bpe_tokens(bpe), t->of->key,
                             (uint64_t)t->tokens);
    struct bpe_text bytes = { NULL, 0 };

    if (!is_finite(logits, bpe_tokens(bpe))) {
        t->of->overflowed = t->done = true;
        return;
    }
    t->last = token;
    t->tokens++;
    if (token == bpe_eos(bpe)) {
        t->done = true;
        return;
    }
    if (!bpe_is_special(bpe, token))
        bytes = bpe_token(bpe, token);
    append(t, bytes.data, bytes.size);
    t->done = cut_at_stop(t, g->stop, bytes.size) || t->tokens == t->limit;
}

/* One token for each text that is not done; how many. */
static int step(const struct generator *g, struct decoder_stepper *s,
                struct writing *list, int count, real *rows, real *logits)
{
    const struct decoder *m = g->llm->model;
    size_t width = (size_t)decoder_config(m)->embed_width;
    size_t vocab = (size_t)decoder_config(m)->vocab;
    struct writing **open = mem_new((size_t)count, sizeof *open);
    struct decoder_cache **cache = mem_new((size_t)count, sizeof *cache);
    int n = 0;

    for (int i = 0; i < count; i++)
        if (!list[i].done) {
            next_row(g, &list[i], rows + (size_t)n * width);
            cache[n] = list[i].cache;
            open[n++] = &list[i];
        }
    if (n > 0)
        decoder_step(m, s, cache, rows, n, logits);
#pragma omp parallel for schedule(dynamic) if (n > 1)
    for (int i = 0; i < n; i++)
        say_token(g, open[i], logits + (size_t)i * vocab);
    free(open);
    free(cache);
    return n;
}

/* What is no UTF-8, such as half a character at the end, and zeros, become U+FFFD. */
static void finish_text(struct writing *t)
{
    struct runes r = { 0 };

    for (size_t i = 0; i < t->n;) {
        size_t n = 1;

        while (n <= 4 && i + n <= t->n && !runes_read(&r, t->text + i, n))
            n++;
        if (n > 4 || i + n > t->n) { /* no beginning of it is a character */
            runes_push(&r, 0xfffd);
            n = 1;
        }
        if (r.c[r.n - 1] == 0)
            r.c[r.n - 1] = 0xfffd;
        i += n;
    }
    t->of->text = mem_new((size_t)r.n * 4 + 1, 1);
    t->of->bytes = runes_write(t->of->text, NULL, r.c, r.n);
    runes_free(&r);
    free(t->text);
}

static void write_texts(struct generator *g, struct writing *list, int count)
{
    const struct decoder_config *c = decoder_config(g->llm->model);
    int room = 1, n;
    struct decoder_stepper *s;
    real *rows = mem_new((size_t)count * (size_t)c->embed_width, sizeof *rows);
    real *logits = mem_new((size_t)count * (size_t)c->vocab, sizeof *logits);

    for (int i = 0; i < count; i++) {
        int need = list[i].of->rows + list[i].limit - 1;

        room = need > room ? need : room;
    }
    s = decoder_stepper_new(g->llm->model, count, room);
    while ((n = step(g, s, list, count, rows, logits)) > 0)
        g->tokens += n;
    decoder_stepper_free(s);
    free(rows);
    free(logits);
}

void generate(struct generator *g, struct generation *list, int count)
{
    struct writing *writing = mem_new((size_t)count, sizeof *writing);
    double start = clock_seconds(), read;

#pragma omp parallel for schedule(dynamic) if (count > 1)
    for (int i = 0; i < count; i++) {
        writing[i].of = &list[i];
        read_prompt(g, &writing[i]);
    }
    read = clock_seconds();
    write_texts(g, writing, count);
    for (int i = 0; i < count; i++) {
        g->prompt_rows += list[i].rows;
        decoder_cache_free(writing[i].cache);
        free(list[i].embeddings);
        list[i].embeddings = NULL;
        finish_text(&writing[i]);
    }
    g->prompt_seconds += read - start;
    g->token_seconds += clock_seconds() - read;
    free(writing);
}
