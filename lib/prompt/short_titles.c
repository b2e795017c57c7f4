#include "prompt/short_titles.h"

#include "history/same_titles.h"
#include "util/mem.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static int tokens_of(const struct bpe *bpe, const char *text, size_t n, struct error *e)
{
    int *ids, count = bpe_encode(bpe, text, n, &ids, e);

    if (count >= 0)
        free(ids);
    return count;
}

/* White space of ASCII, which ends words in all texts that the tokenizers cut. */
static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* May the text be cut before byte i? */
static bool is_place(const char *text, size_t i, bool at_word)
{
    return at_word ? is_space(text[i]) && !is_space(text[i - 1])
                   : ((unsigned char)text[i] & 0xc0) != 0x80;
}

/* The number of bytes, at most n, of the longest beginning of at most `most` tokens that
 * ends at such a place; 0 where there is none.  Tokens never grow fewer with the text,
 * but for one or two at its end, so the places are halved and then looked at one by
 * one. */
static size_t longest(const char *text, size_t n, const struct bpe *bpe, int most,
                      bool at_word)
{
    size_t *place = mem_new(n + 1, sizeof *place), low = 0, high, found;
    struct error e;

    high = 0;
    for (size_t i = 1; i < n; i++)
        if (is_place(text, i, at_word))
            place[high++] = i;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int tokens = tokens_of(bpe, text, place[middle], &e);

        if (tokens >= 0 && tokens <= most)
            low = middle + 1;
        else
            high = middle;
    }
    found = low > 0 ? place[low - 1] : 0;
    free(place);
    return found;
}

/* What a token can hold at most is unknown, but a text of more bytes than this times the
 * number of tokens is cut to it before it is looked at: time stays bounded. */
enum { BYTES_A_TOKEN = 128 };

static size_t cut_of(const char *text, size_t n, const struct bpe *bpe, int most,
                     struct error *e)
{
    size_t bound = (size_t)most * BYTES_A_TOKEN, cut;
    int tokens = tokens_of(bpe, text, n, e);

    if (tokens < 0 || tokens <= most)
        return tokens < 0 ? SIZE_MAX : n;
    if (n > bound)
        for (n = bound; n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80; n--)
            ;
    cut = longest(text, n, bpe, most, true);
    return cut > 0 ? cut : longest(text, n, bpe, most, false);
}

/* Items whose title an item before them has too. */
static int64_t repeated(const struct texts *titles)
{
    int32_t *first = same_titles_first(titles);
    int64_t count = 0;

    for (int64_t i = 0; i < titles->count; i++)
        count += first[i] != i;
    free(first);
    return count;
}

int short_titles_make(struct short_titles *s, const struct texts *titles,
                      const struct bpe *bpe, int most, struct error *e)
{
    *s = (struct short_titles){ 0 };
    for (int64_t i = 0; i < titles->count; i++) {
        const char *text = texts_at(titles, i);
        size_t n = texts_length(titles, i), cut = cut_of(text, n, bpe, most, e);

        if (cut == SIZE_MAX) {
            texts_free(&s->titles);
            return fail_in(e, "'item.title' row %lld", (long long)i);
        }
        s->cut += cut < n;
        texts_add(&s->titles, text, cut);
    }
    s->same = s->cut ? repeated(&s->titles) - repeated(titles) : 0;
    return 0;
}

int short_titles_fit(int *most, const struct texts *titles, const struct bpe *bpe,
                     struct error *e)
{
    int64_t longer = 0;
    int longest = 0;

    for (int64_t i = 0; i < titles->count; i++) {
        int n = tokens_of(bpe, texts_at(titles, i), texts_length(titles, i), e);

        if (n < 0)
            return fail_in(e, "'item.title' row %lld", (long long)i);
        longer += n > TITLE_FITS;
        longest = n > longest ? n : longest;
    }
    *most = 2 * longer > titles->count ? TITLE_FITS
            : longest > TITLE_MOST     ? TITLE_MOST
                                       : 0;
    return 0;
}
