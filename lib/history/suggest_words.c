#include "history/suggest_parts.h"

#include <stdbool.h>
#include <string.h>
#include <utf8proc.h>

enum { WORDS = 32, NUMBERS = 12, FEW = 3 /* letters say too little */ };

struct word {
    int32_t c[64]; /* what is longer is cut */
    long n;
};

struct words {
    struct word word[WORDS]; /* what comes behind them does not count */
    int count;
};

static bool is_letter(int32_t c)
{
    utf8proc_category_t k = utf8proc_category(c);

    return k >= UTF8PROC_CATEGORY_LU && k <= UTF8PROC_CATEGORY_NO;
}

static bool is(const struct word *w, const char *text)
{
    long n = (long)strlen(text);

    for (long i = 0; i < n && i < w->n; i++)
        if (w->c[i] != text[i])
            return false;
    return w->n == n;
}

/* "two" and "ii" as "2". */
static void take_number(struct word *w)
{
    static const char *const names[NUMBERS + 1] = {
        "", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
        "eleven", "twelve"
    };
    static const char *const roman[NUMBERS + 1] = { "",   "",    "ii",   "iii", "iv",
                                                    "v",  "vi",  "vii",  "viii", "ix",
                                                    "x",  "xi",  "xii" };

    for (int k = 1; k <= NUMBERS; k++) {
        if (!is(w, names[k]) && !(*roman[k] && is(w, roman[k])))
            continue;
        w->n = 0;
        if (k >= 10)
            w->c[w->n++] = '1';
        w->c[w->n++] = '0' + k % 10;
        return;
    }
}

/* Cuts r into words; an apostrophe is no sign that ends one. */
static void cut(struct words *w, const struct runes *r)
{
    struct word *now = NULL;

    w->count = 0;
    for (long i = 0; i < r->n; i++) {
        int32_t c = r->c[i];

        if (c == '\'' || c == 0x2019)
            continue;
        if (!is_letter(c)) {
            now = NULL;
            continue;
        }
        if (!now && w->count == WORDS)
            break;
        if (!now)
            *(now = &w->word[w->count++]) = (struct word){ .n = 0 };
        if (now->n < (long)(sizeof now->c / sizeof *now->c))
            now->c[now->n++] = c;
    }
    for (int i = 0; i < w->count; i++)
        take_number(&w->word[i]);
}

static bool is_article(const struct word *w)
{
    return is(w, "the") || is(w, "a") || is(w, "an");
}

static bool is_year(const struct word *w)
{
    if (w->n != 4 || !((w->c[0] == '1' && w->c[1] == '9') ||
                       (w->c[0] == '2' && w->c[1] == '0')))
        return false;
    return w->c[2] >= '0' && w->c[2] <= '9' && w->c[3] >= '0' && w->c[3] <= '9';
}

/* Drops articles, unless nothing is left. */
static void drop_articles(struct words *w)
{
    int kept = 0;

    for (int i = 0; i < w->count; i++)
        if (!is_article(&w->word[i]) || (kept == 0 && i == w->count - 1))
            w->word[kept++] = w->word[i];
    w->count = kept;
}

/* The letters of w that are wrong in the nearest word of name that is not yet taken, all
 * of them where none is near. */
static int wrong_letters(const struct word *w, const struct words *name, bool *taken,
                         int *row)
{
    int least = (int)w->n, most = (int)w->n / 4, nearest = -1;

    for (int i = 0; i < name->count; i++) {
        int cost = taken[i] ? SUGGEST_FAR
                            : suggest_edits(name->word[i].c, name->word[i].n, w->c, w->n,
                                            most, row);

        if (cost < least) {
            least = cost;
            nearest = i;
        }
    }
    if (nearest >= 0)
        taken[nearest] = true;
    return least;
}

int suggest_words_cost(const struct runes *name, const struct runes *text, int *row)
{
    static struct words want, have; /* large, and nothing else runs beside */
    bool taken[WORDS] = { false };
    int cost = 0, letters = 0, others = 0;

    cut(&want, text);
    if (want.count > 1 && is_year(&want.word[want.count - 1]))
        want.count--;
    drop_articles(&want);
    cut(&have, name);
    drop_articles(&have);
    for (int i = 0; i < want.count; i++) {
        letters += (int)want.word[i].n;
        cost += wrong_letters(&want.word[i], &have, taken, row);
    }
    for (int i = 0; i < have.count; i++)
        others += !taken[i];
    if (letters < FEW || 3 * cost > letters)
        return SUGGEST_FAR;
    return 2 * cost + (others > 0);
}
