#include "util/near.h"

#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* What a word costs: EDIT for each edit, OTHER_CASE where case alone differs, and one
 * less than what is far where it only begins as asked for. */
enum { LETTERS = NEAR_LETTERS, SHORT = 5, EDIT = 2, OTHER_CASE = 1, FAR = 3 * EDIT };
enum { BEGINS_FROM = 3 /* letters */ };

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

static bool same(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Edits from a to b, texts of fewer than LETTERS letters; case is ignored. */
static int edits(const char *a, const char *b)
{
    int row[3][LETTERS], m = (int)strlen(a), n = (int)strlen(b);

    for (int j = 0; j <= n; j++)
        row[0][j] = j;
    for (int i = 1; i <= m; i++) {
        int *now = row[i % 3], *last = row[(i + 2) % 3], *before = row[(i + 1) % 3];

        now[0] = i;
        for (int j = 1; j <= n; j++) {
            now[j] = smaller(smaller(last[j], now[j - 1]) + 1,
                             last[j - 1] + !same(a[i - 1], b[j - 1]));
            if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]))
                now[j] = smaller(now[j], before[j - 2] + 1);
        }
    }
    return row[m % 3][n];
}

/* The least cost that is far. */
static int far_from(const char *asked)
{
    return strlen(asked) < SHORT ? FAR - EDIT : FAR;
}

void near_begin(struct near *n, const char *asked)
{
    *n = (struct near){ .asked = asked, .cost = far_from(asked) };
}

static int cost_of(const char *asked, const char *word)
{
    size_t letters = strlen(asked);
    int cost = edits(asked, word);

    if (cost == 0)
        return strcmp(asked, word) == 0 ? 0 : OTHER_CASE;
    if (EDIT * cost < far_from(asked) && (size_t)cost < letters)
        return EDIT * cost;
    if (letters >= BEGINS_FROM && strncasecmp(asked, word, letters) == 0)
        return far_from(asked) - 1;
    return FAR;
}

/* Is the word nearer than what was found before? */
static bool nearer(struct near *n, const char *word)
{
    size_t a = strlen(n->asked), b = strlen(word);
    int cost;

    if (a == 0 || b == 0 || a >= LETTERS || b >= LETTERS)
        return false;
    cost = cost_of(n->asked, word);
    if (cost >= n->cost)
        return false;
    n->cost = cost;
    return true;
}

void near_offer(struct near *n, const char *word)
{
    if (nearer(n, word))
        strcpy(n->found, word);
}

void near_offer_folder(struct near *n, const char *folder)
{
    DIR *d = opendir(folder);

    for (struct dirent *entry; d && (entry = readdir(d));)
        if (entry->d_name[0] != '.')
            near_offer(n, entry->d_name);
    if (d)
        closedir(d);
}

const char *near_word(const char *asked, const char *const *list)
{
    const char *found = NULL;
    struct near n;

    near_begin(&n, asked);
    for (; *list; list++)
        if (nearer(&n, *list))
            found = *list;
    return found;
}

int near_add(struct error *e, const char *word)
{
    size_t used = strlen(e->text);

    snprintf(e->text + used, sizeof e->text - used, ": did you mean %s?", word);
    return -1;
}

int near_end(struct error *e, const struct near *n)
{
    return *n->found ? near_add(e, n->found) : -1;
}

int near_hint(struct error *e, const char *asked, size_t letters, const char *const *list)
{
    char word[LETTERS];
    const char *near;

    if (letters >= sizeof word)
        return -1;
    memcpy(word, asked, letters);
    word[letters] = '\0';
    near = near_word(word, list);
    return near ? near_add(e, near) : -1;
}
