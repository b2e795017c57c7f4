#include "history/suggest_parts.h"

#include <stdlib.h>

static int least(int a, int b, int c)
{
    return a < b ? (a < c ? a : c) : b < c ? b : c;
}

int suggest_edits(const int32_t *a, long n, const int32_t *b, long m, int most, int *row)
{
    if (labs(n - m) > most)
        return SUGGEST_FAR;
    for (long j = 0; j <= m; j++)
        row[j] = (int)j;
    for (long i = 1; i <= n; i++) {
        int corner = row[0];

        row[0] = (int)i;
        for (long j = 1; j <= m; j++) {
            int above = row[j];

            row[j] = least(above + 1, row[j - 1] + 1, corner + (a[i - 1] != b[j - 1]));
            corner = above;
        }
    }
    return row[m] <= most ? row[m] : SUGGEST_FAR;
}
