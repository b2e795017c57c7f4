#include "util/table.h"

#include "util/mem.h"

#include <math.h>
#include <stdlib.h>

enum { WIDEST = 100 }; /* cell that its column is made as wide as */

void table_add(struct table *g, char *cell)
{
    MEM_PUSH(g->cell, g->cells, g->room, cell);
}

/* Characters that take a place: all bytes but UTF-8's continuations. */
static int places(const char *s)
{
    int n = 0;

    for (; *s; s++)
        n += ((unsigned char)*s & 0xc0) != 0x80;
    return n;
}

void table_text(FILE *out, const struct table *g)
{
    int *width = mem_new((size_t)g->columns, sizeof *width);

    for (int i = 0; i < g->cells; i++) {
        int n = places(g->cell[i]);

        if (n > width[i % g->columns] && n <= WIDEST)
            width[i % g->columns] = n;
    }
    for (int i = 0; i < g->cells; i++) {
        int blanks = width[i % g->columns] - places(g->cell[i]);

        fputs(g->cell[i], out);
        if (i % g->columns == g->columns - 1)
            putc('\n', out);
        else
            fprintf(out, "%*s", blanks > 0 ? blanks + 2 : 2, "");
    }
    free(width);
}

static void markdown_cell(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '|')
            putc('\\', out);
        putc(*text, out);
    }
}

void table_markdown(FILE *out, const struct table *g)
{
    for (int i = 0; i < g->cells; i++) {
        fputs("| ", out);
        markdown_cell(out, g->cell[i]);
        putc(' ', out);
        if (i % g->columns < g->columns - 1)
            continue;
        fputs("|\n", out);
        for (int c = 0; c < g->columns && i < g->columns; c++)
            fputs(c < g->columns - 1 ? "|---" : "|---|\n", out);
    }
}

const char *table_short_number(double x, char *text, size_t size)
{
    char digits[32];
    const char *d = digits;

    snprintf(digits, sizeof digits, "%.4f", fabs(x));
    if (digits[0] == '0')
        d++;
    snprintf(text, size, "%s%s", x < 0 && strtod(digits, NULL) > 0 ? "-" : "", d);
    return text;
}

void table_free(struct table *g)
{
    for (int i = 0; i < g->cells; i++)
        free(g->cell[i]);
    free(g->cell);
    *g = (struct table){ .columns = g->columns };
}
