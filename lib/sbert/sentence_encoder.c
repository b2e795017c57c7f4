#include "sbert/sentence_encoder.h"

#include "sbert/bert.h"
#include "sbert/sentence_folder.h"
#include "text/wordpiece.h"
#include "util/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK ENCODER_BLOCK /* what is packed together never crosses a block */
#define PACK_TOKENS 512     /* a product's rows: enough for full speed, and in cache */

struct sentence_encoder {
    hf_folder *folder; /* owns the mapped word rows */
    struct bert *bert;
    wordpiece *tokens;
    struct sentence_settings settings;
};

/* One thread's room. */
struct worker {
    struct bert_room *room;
    struct token_list list; /* a block's tokens */
    int start[BLOCK + 1];   /* text i of the block: list.id[start[i]..start[i + 1]) */
};

static int load(sentence_encoder *s, const char *folder, struct error *e)
{
    s->folder = hf_open(s->settings.transformer, e);
    s->bert = s->folder ? bert_load(s->folder, e) : NULL;
    s->tokens = s->bert ? wordpiece_open(s->settings.transformer,
                                         s->settings.lowercase_first, e) : NULL;
    if (!s->tokens)
        return -1;
    if (wordpiece_size(s->tokens) > s->bert->words)
        return fail(e, "%s: the tokenizer has %d tokens, but the model only %d", folder,
                    wordpiece_size(s->tokens), s->bert->words);
    return 0;
}

static int choose_length(sentence_encoder *s, const char *folder, int asked,
                         struct error *e)
{
    int *length = &s->settings.max_length, most = s->bert->positions;

    if (asked > most)
        return fail(e, "%s: at most %d tokens a text, found --max-length %d", folder, most,
                    asked);
    if (asked > 0)
        *length = asked;
    else if (*length == 0 || *length > most)
        *length = most;
    if (*length <= wordpiece_added(s->tokens))
        return fail(e, "%s: at least %d tokens a text, found %d", folder,
                    wordpiece_added(s->tokens) + 1, *length);
    return 0;
}

sentence_encoder *sentence_encoder_open(const char *folder, int max_length,
                                        struct error *e)
{
    sentence_encoder *s = mem_new(1, sizeof *s);

    if (sentence_settings_read(&s->settings, folder, e) == 0 &&
        load(s, folder, e) == 0 && choose_length(s, folder, max_length, e) == 0) {
        if (s->settings.width == 0 || s->settings.width == s->bert->width)
            return s;
        fail(e, "%s: the pooling is for vectors of %d, but the model's have %d", folder,
             s->settings.width, s->bert->width);
    }
    sentence_encoder_free(s);
    return NULL;
}

void sentence_encoder_free(sentence_encoder *s)
{
    if (!s)
        return;
    bert_free(s->bert);
    wordpiece_free(s->tokens);
    hf_close(s->folder);
    sentence_settings_free(&s->settings);
    free(s);
}

int sentence_encoder_width(const sentence_encoder *s)
{
    return s->bert->width;
}

int sentence_encoder_max_length(const sentence_encoder *s)
{
    return s->settings.max_length;
}

/* Tokens of texts [first, first + n); returns how many were cut, or -1. */
static int64_t tokenize(const sentence_encoder *s, struct worker *k,
                        const struct texts *texts, int64_t first, int n, struct error *e)
{
    int64_t cut = 0;

    k->list.n = 0;
    for (int i = 0; i < n; i++) {
        long full;

        k->start[i] = (int)k->list.n;
        full = wordpiece_encode(s->tokens, texts_at(texts, first + i),
                                texts_length(texts, first + i), s->settings.max_length,
                                &k->list);
        if (full < 0)
            return fail(e, "text %lld is not valid UTF-8", (long long)(first + i));
        cut += full > s->settings.max_length;
    }
    k->start[n] = (int)k->list.n;
    return cut;
}

/* One text's vector (w) from its tokens' (n, w). */
static void pool(const struct sentence_settings *settings, float *out, const real *x,
                 int n, int w)
{
    int used = settings->pooling == POOL_FIRST ? 1 : n;
    double squares = 0;

    for (int j = 0; j < w; j++) {
        real sum = 0;

        for (int i = 0; i < used; i++)
            sum += x[(size_t)i * (size_t)w + (size_t)j];
        out[j] = (float)(sum / (real)used);
        squares += (double)out[j] * out[j];
    }
    /* 1e-12 is the reference's guard against a vector of zeros. */
    for (int j = 0; settings->normalize && j < w; j++)
        out[j] /= (float)fmax(sqrt(squares), 1e-12);
}

/* Texts in their order, as many to a pack as fit PACK_TOKENS. */
static void run_packs(const sentence_encoder *s, struct worker *k, float *out, int n)
{
    int w = s->bert->width;

    for (int i = 0, next; i < n; i = next) {
        const real *x;

        next = i + 1;
        while (next < n && k->start[next + 1] - k->start[i] <= PACK_TOKENS)
            next++;
        x = bert_forward(s->bert, k->room, k->list.id, k->start + i, next - i);
        for (int j = i; j < next; j++)
            pool(&s->settings, out + (size_t)j * (size_t)w,
                 x + (size_t)(k->start[j] - k->start[i]) * (size_t)w,
                 k->start[j + 1] - k->start[j], w);
    }
}

int64_t sentence_encoder_encode(const sentence_encoder *s, float *out,
                                const struct texts *texts, encoder_watch *watch,
                                void *data, struct error *e)
{
    int64_t blocks = (texts->count + BLOCK - 1) / BLOCK, cut = 0, done = 0;
    int tokens = s->settings.max_length > PACK_TOKENS ? s->settings.max_length
                                                      : PACK_TOKENS;
    bool failed = false;

#pragma omp parallel
    {
        struct worker k = { .room = bert_room_new(s->bert, tokens) };

#pragma omp for schedule(dynamic) reduction(+ : cut)
        for (int64_t b = 0; b < blocks; b++) {
            int64_t first = b * BLOCK, left = texts->count - first, lost;
            int n = (int)(left < BLOCK ? left : BLOCK);
            struct error why;

            lost = tokenize(s, &k, texts, first, n, &why);
            if (lost >= 0)
                run_packs(s, &k, out + (size_t)first * (size_t)s->bert->width, n);
            cut += lost > 0 ? lost : 0;
#pragma omp critical(encoder)
            {
                done += n;
                if (lost < 0 && !failed)
                    *e = why;
                failed |= lost < 0;
                if (watch)
                    watch(done, data);
            }
        }
        bert_room_free(k.room);
        free(k.list.id);
    }
    return failed ? -1 : cut;
}
