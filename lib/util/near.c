#include "util/near.h"

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum { LETTERS = NEAR_LETTERS, SHORT = 5, FAR = 3 };

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

/* Edits from a to b, texts of fewer than LETTERS letters. */
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
                             last[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = smaller(now[j], before[j - 2] + 1);
        }
    }
    return row[m % 3][n];
}

void near_begin(struct near *n, const char *asked)
{
    *n = (struct near){ .asked = asked, .edits = strlen(asked) < SHORT ? FAR - 1 : FAR };
}

/* Is the word nearer than what was found before? */
static bool nearer(struct near *n, const char *word)
{
    size_t a = strlen(n->asked), b = strlen(word);
    int cost;

    if (a == 0 || b == 0 || a >= LETTERS || b >= LETTERS)
        return false;
    cost = edits(n->asked, word);
    if (cost >= n->edits || (size_t)cost >= a)
        return false;
    n->edits = cost;
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
