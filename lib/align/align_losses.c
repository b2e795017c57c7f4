#include "align/align_losses.h"

#include "align/match.h"
#include "align/rec.h"
#include "util/error.h"

#include <stdio.h>

char *align_losses_text(const char *end)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (!out)
        die("out of memory");
    fputs("losses of --match:\n", out);
    for (int i = 0; match_kinds[i]; i++) {
        const struct match *m = match_kinds[i];

        fprintf(out, "  %-8s %s; auto: --alpha %g --beta %g --text-scale %s%s\n",
                match_names[i], m->what, m->alpha, m->beta,
                m->scales_text ? "root of the width" : "1",
                m->has_temperature ? "; has a temperature" : "");
    }
    fputs("\nlosses of --rec-loss:\n", out);
    for (int i = 0; rec_kinds[i]; i++)
        fprintf(out, "  %-8s %s\n", rec_names[i], rec_kinds[i]->what);
    fprintf(out, "\n%s", end);
    if (fclose(out) != 0)
        die("out of memory");
    return text;
}
