#include "data/dataset.h"
#include "util/mem.h"
#include "util/near.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Bytes beyond ASCII belong to words. */
static bool in_word(char c)
{
    return isalnum((unsigned char)c) || c == '-' || (unsigned char)c >= 0x80;
}

static bool has_word(const char *text, const char *word)
{
    size_t n = strlen(word);

    for (const char *at = text; (at = strstr(at, word)); at++)
        if ((at == text || !in_word(at[-1])) && !in_word(at[n]))
            return true;
    return false;
}

static int find_column(const struct dataset *d, const char *name, const char *rule,
                       struct error *e)
{
    char names[256] = "";
    struct near near;

    if (strcmp(name, "title") == 0 && d->title >= 0)
        return d->title;
    near_begin(&near, name);
    for (int c = 0; c < d->columns; c++) {
        size_t used = strlen(names), more = strlen(d->column[c].name);

        if (strcmp(d->column[c].name, name) == 0)
            return c;
        near_offer(&near, d->column[c].name);
        if (used + more + 3 < sizeof names)
            strcat(strcat(names, used ? ", " : ""), d->column[c].name);
    }
    if (d->columns == 0)
        return fail(e, "'%s': the data set has no item file with texts", rule);
    fail(e, "'%s': the item file has no column '%s'; it has %s", rule, name, names);
    return near_end(e, &near);
}

/* hit (rows of the column): those with the word; -1 and the reason where none has it. */
static int mark_word(const struct item_column *c, const char *word, bool *hit,
                     const char *rule, struct error *e)
{
    int64_t found = 0;

    for (int64_t i = 0; i < c->texts.count; i++)
        if (has_word(texts_at(&c->texts, i), word)) {
            hit[i] = true;
            found++;
        }
    return found > 0 ? 0
                     : fail(e, "'%s': no item has '%s' in its %s", rule, word, c->name);
}

static void keep_marked(struct dataset *d, const bool *hit, bool having)
{
    int64_t n = 0;

    for (int64_t i = 0; i < d->n; i++) {
        int64_t record = d->record[d->item[i]];

        if ((record >= 0 && hit[record]) == having)
            dataset_move_row(d, n++, i);
    }
    d->n = n;
}

int dataset_keep_items(struct dataset *d, const char *rule, bool having, struct error *e)
{
    char *column = mem_string(rule), *words = strchr(column, '~'), *word;
    int result = 0, at = -1;
    bool *hit = NULL;

    if (!words || words == column || !words[1])
        result = fail(e, "'%s' is not COLUMN~WORD|WORD...", rule);
    else
        *words++ = 0;
    if (result == 0)
        result = at = find_column(d, column, rule, e);
    if (result >= 0) {
        result = 0;
        hit = mem_new((size_t)d->column[at].texts.count, sizeof *hit);
        while (result == 0 && (word = strsep(&words, "|")))
            result = *word ? mark_word(&d->column[at], word, hit, rule, e)
                           : fail(e, "'%s': a word is empty", rule);
    }
    if (result == 0)
        keep_marked(d, hit, having);
    free(hit);
    free(column);
    return result;
}
