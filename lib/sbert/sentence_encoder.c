#include "sbert/sentence_encoder.h"

#include "sbert/sentence_folder.h"
#include "sbert/sentence_model.h"
#include "text/tokenizer.h"
#include "text/vocabulary.h"
#include "util/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK ENCODER_BLOCK /* what is packed together never crosses a block */
#define PACK_TOKENS 512     /* a product's rows: enough for full speed, and in cache */

struct sentence_encoder {
    struct sentence_model model;
    tokenizer *tokens;
    struct sentence_settings settings;
    int width; /* of a text's vector */
    int most;  /* of what it is made from on the way */
    int skip;  /* the prompt's tokens, where they are not pooled */
};

/* One thread's room. */
struct worker {
    struct model_room *room;
    struct token_list list; /* a block's tokens */
    char *text;             /* prompt and text */
    size_t text_room;
    float *vector, *spare;  /* (most) each */
    int start[BLOCK + 1];   /* text i of the block: list.id[start[i]..start[i + 1]) */
};

static int load(sentence_encoder *s, const char *folder, enum frozen_precision precision,
                struct error *e)
{
    const char *at = s->settings.transformer;

    frozen_say(precision);
    if (sentence_model_open(&s->model, at, s->settings.hint, precision, e) < 0)
        return -1;
    s->tokens = tokenizer_open(at, s->settings.lowercase_first, e);
    if (!s->tokens)
        return -1;
    if (tokenizer_size(s->tokens) > s->model.words)
        return fail(e, "%s: the tokenizer has %d tokens, but the model only %d", folder,
                    tokenizer_size(s->tokens), s->model.words);
    vocabulary_short_warn(at, tokenizer_size(s->tokens), s->model.words);
    return 0;
}

static int choose_length(sentence_encoder *s, const char *folder, int asked,
                         struct error *e)
{
    int *length = &s->settings.max_length, most = s->model.positions;

    if (asked > most)
        return fail(e, "%s: at most %d tokens a text, found --max-length %d", folder,
                    most, asked);
    if (asked > 0)
        *length = asked;
    else if (*length == 0 || *length > most)
        *length = most;
    if (*length <= tokenizer_added(s->tokens))
        return fail(e, "%s: at least %d tokens a text, found %d", folder,
                    tokenizer_added(s->tokens) + 1, *length);
    return 0;
}

static int choose_width(sentence_encoder *s, const char *folder, struct error *e)
{
    const struct poolings *p = &s->settings.pooling;
    int width = s->model.width;

    if (p->width != 0 && p->width != width)
        return fail(e, "%s: the pooling is for vectors of %d, but the model's have %d",
                    folder, p->width, width);
    s->most = width * p->ways;
    s->width = sentence_steps_width(&s->settings.steps, s->most, &s->most, e);
    if (s->width < 0)
        return -1;
    if (s->settings.truncate > s->width)
        return fail(e, "%s: \"truncate_dim\" is %d, but vectors have %d numbers", folder,
                    s->settings.truncate, s->width);
    if (s->settings.truncate > 0)
        s->width = s->settings.truncate;
    return 0;
}

/* How many tokens the prompt has that are not pooled. */
static int measure_prompt(sentence_encoder *s, const char *folder, struct error *e)
{
    const char *prompt = s->settings.prompt;
    struct token_list list = { 0 };
    long n;

    if (!*prompt || s->settings.pooling.include_prompt)
        return 0;
    n = tokenizer_encode(s->tokens, prompt, strlen(prompt), 0, &list);
    s->skip = (int)n - tokenizer_added_after(s->tokens);
    free(list.id);
    if (n < 0 || s->skip >= s->settings.max_length)
        return fail(e, "%s: the prompt has %ld tokens, at most %d are read", folder, n,
                    s->settings.max_length);
    return 0;
}

sentence_encoder *sentence_encoder_open(const char *folder, const char *prompt,
                                        int max_length, enum frozen_precision precision,
                                        struct error *e)
{
    sentence_encoder *s = mem_new(1, sizeof *s);

    if (sentence_settings_read(&s->settings, folder, prompt, e) == 0
        && load(s, folder, precision, e) == 0
        && choose_length(s, folder, max_length, e) == 0
        && choose_width(s, folder, e) == 0 && measure_prompt(s, folder, e) == 0)
        return s;
    sentence_encoder_free(s);
    return NULL;
}

void sentence_encoder_free(sentence_encoder *s)
{
    if (!s)
        return;
    sentence_model_close(&s->model);
    tokenizer_free(s->tokens);
    sentence_settings_free(&s->settings);
    free(s);
}

int sentence_encoder_width(const sentence_encoder *s)
{
    return s->width;
}

int sentence_encoder_max_length(const sentence_encoder *s)
{
    return s->settings.max_length;
}

/* A text behind the prompt, in k's room. */
static const char *prompted(const sentence_encoder *s, struct worker *k, const char *text,
                            size_t *bytes)
{
    size_t lead = strlen(s->settings.prompt), whole = lead + *bytes;

    if (lead == 0)
        return text;
    if (whole > k->text_room)
        k->text = mem_resize(k->text, k->text_room = 2 * whole, 1);
    memcpy(k->text, s->settings.prompt, lead);
    if (*bytes > 0)
        memcpy(k->text + lead, text, *bytes);
    *bytes = whole;
    return k->text;
}

/* Tokens of texts [first, first + n); returns how many were cut, or -1. */
static int64_t tokenize(const sentence_encoder *s, struct worker *k,
                        const struct texts *texts, int64_t first, int n, struct error *e)
{
    int64_t cut = 0;

    k->list.n = 0;
    for (int i = 0; i < n; i++) {
        size_t bytes = texts_length(texts, first + i);
        const char *text = prompted(s, k, texts_at(texts, first + i), &bytes);
        long full;

        k->start[i] = (int)k->list.n;
        full = tokenizer_encode(s->tokens, text, bytes, s->settings.max_length, &k->list);
        if (full < 0)
            return fail(e, "text %lld is not valid UTF-8", (long long)(first + i));
        cut += full > s->settings.max_length;
    }
    k->start[n] = (int)k->list.n;
    return cut;
}

/* One text's vector (width) from its tokens' (n, w); false where it is not finite. */
static bool finish(const sentence_encoder *s, struct worker *k, float *out, const real *x,
                   int n)
{
    const struct sentence_settings *t = &s->settings;
    int w = s->model.width;
    bool fine = true;

    poolings_run(&t->pooling, k->vector, x, n, s->skip < n ? s->skip : n - 1, w);
    sentence_steps_run(&t->steps, k->vector, k->spare, w * t->pooling.ways);
    for (int j = 0; j < s->width; j++)
        fine &= isfinite(k->vector[j]) != 0;
    memcpy(out, k->vector, (size_t)s->width * sizeof *out);
    return fine;
}

/* Texts in their order, as many to a pack as fit PACK_TOKENS.  Returns the first whose
 * vector is not finite, or -1. */
static int run_packs(const sentence_encoder *s, struct worker *k, float *out, int n)
{
    int bad = -1;

    for (int i = 0, next; i < n; i = next) {
        const real *x;

        next = i + 1;
        while (next < n && k->start[next + 1] - k->start[i] <= PACK_TOKENS)
            next++;
        x = sentence_model_run(&s->model, k->room, k->list.id, k->start + i, next - i);
        for (int j = i; j < next; j++) {
            size_t at = (size_t)(k->start[j] - k->start[i]) * (size_t)s->model.width;

            if (!finish(s, k, out + (size_t)j * (size_t)s->width, x + at,
                        k->start[j + 1] - k->start[j])
                && bad < 0)
                bad = j;
        }
    }
    return bad;
}

/* Texts [first, first + n); returns how many were cut, or -1 and the reason in e. */
static int64_t encode_block(const sentence_encoder *s, struct worker *k, float *out,
                            const struct texts *texts, int64_t first, int n,
                            struct error *e)
{
    int64_t cut = tokenize(s, k, texts, first, n, e);
    int bad = cut < 0 ? -1 : run_packs(s, k, out + first * s->width, n);

    if (bad >= 0)
        return fail(e, "%s: the vector of text %lld is not finite",
                    s->settings.transformer, (long long)(first + bad));
    return cut;
}

static struct worker worker_new(const sentence_encoder *s)
{
    int tokens = s->settings.max_length > PACK_TOKENS ? s->settings.max_length
                                                      : PACK_TOKENS;

    return (struct worker){
        .room = model_room_new(&s->model, tokens),
        .vector = mem_new((size_t)s->most, sizeof(float)),
        .spare = mem_new((size_t)s->most, sizeof(float)),
    };
}

static void worker_free(struct worker *k)
{
    model_room_free(k->room);
    free(k->list.id);
    free(k->text);
    free(k->vector);
    free(k->spare);
}

int64_t sentence_encoder_encode(const sentence_encoder *s, float *out,
                                const struct texts *texts, encoder_watch *watch,
                                void *data, struct error *e)
{
    int64_t blocks = (texts->count + BLOCK - 1) / BLOCK, cut = 0, done = 0;
    int64_t failed = blocks; /* the first block that did */

#pragma omp parallel
    {
        struct worker k = worker_new(s);

#pragma omp for schedule(dynamic) reduction(+ : cut)
        for (int64_t b = 0; b < blocks; b++) {
            int64_t first = b * BLOCK, left = texts->count - first, lost;
            int n = (int)(left < BLOCK ? left : BLOCK);
            struct error why;

            lost = encode_block(s, &k, out, texts, first, n, &why);
            cut += lost > 0 ? lost : 0;
#pragma omp critical(encoder)
            {
                done += n;
                if (lost < 0 && b < failed) {
                    *e = why;
                    failed = b;
                }
                if (watch)
                    watch(done, data);
            }
        }
        worker_free(&k);
    }
    return failed < blocks ? -1 : cut;
}
