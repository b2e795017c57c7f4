#include "project/item_words.h"

#include "util/mem.h"
#include "util/rng.h"

#include <ctype.h>
#include <stdlib.h>

#define SHORTEST 4 /* bytes of a word with its space */

static bool is_word(const struct bpe *bpe, int id)
{
    struct error e;
    size_t n = 0;
    char *text = bpe_decode(bpe, &id, 1, &n, &e);
    bool word = text && n >= SHORTEST && text[0] == ' ';

    for (size_t i = 1; word && i < n; i++)
        word &= isalpha((unsigned char)text[i]) != 0;
    free(text);
    return word;
}

static int take(struct item_words *w, const struct bpe *bpe, bool only_words)
{
    for (int id = 0; id < bpe_tokens(bpe); id++)
        if (!bpe_is_special(bpe, id) && (!only_words || is_word(bpe, id)))
            w->token[w->count++] = id;
    return w->count;
}

void item_words_new(struct item_words *w, const struct bpe *bpe)
{
    rng r = rng_keyed("item words", 0, 0, 0);

    *w = (struct item_words){ mem_new((size_t)bpe_tokens(bpe), sizeof *w->token), 0 };
    if (take(w, bpe, true) == 0)
        take(w, bpe, false);
    rng_shuffle(&r, w->token, w->count);
}

void item_words_free(struct item_words *w)
{
    free(w->token);
    *w = (struct item_words){ 0 };
}

void item_words_add(real *y, const struct item_words *w, const struct decoder *m,
                    int item)
{
    int width = decoder_config(m)->embed_width;
    real *row;

    if (w->count == 0)
        return;
    row = mem_new((size_t)width, sizeof *row);
    decoder_embed(m, w->token[item % w->count], row);
    for (int j = 0; j < width; j++)
        y[j] += row[j];
    free(row);
}
