/* How sure the means over users, and over groups of them, are. */
#include "evaluation/clusters.h"
#include "util/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int64_t evaluation_unscored(const struct evaluation *v, const struct scorer *s, int g)
{
    int64_t n = 0;

    for (int64_t u = 0; u < v->users; u++)
        if (evaluation_in_group(v, u, g))
            n += s->missing[u];
    return n;
}

/* The metrics of all scorers side by side, for the users of group g: (users of the
 * group, scorers x metrics); free with free(). */
static double *group_values(const struct evaluation *v, int g)
{
    size_t columns = (size_t)(v->scorers * v->metrics);
    double *x = mem_new((size_t)v->group[g].users * columns, sizeof *x), *to = x;

    for (int64_t u = 0; u < v->users; u++)
        for (int s = 0; s < v->scorers && evaluation_in_group(v, u, g); s++)
            for (int m = 0; m < v->metrics; m++)
                *to++ = v->scorer[s].x[u * v->metrics + m];
    return x;
}

void evaluation_finish(struct evaluation *v)
{
    int columns = v->scorers * v->metrics;
    struct interval *out = mem_new((size_t)columns, sizeof *out);

    for (int g = 0; g < v->groups; g++) {
        double *x = group_values(v, g);

        clusters_bootstrap(v, g, out, x, columns);
        for (int c = 0; c < columns; c++)
            if (!metric_is_whole(v->metric[c % v->metrics].kind))
                v->scorer[c / v->metrics].value[g * v->metrics + c % v->metrics] = out[c];
        free(x);
    }
    free(out);
}

/* Metrics of scorer a minus those of b: (users of group g, metrics). */
static double *group_differences(const struct evaluation *v, const struct scorer *a,
                                 const struct scorer *b, int g)
{
    double *d = mem_new((size_t)v->group[g].users * (size_t)v->metrics, sizeof *d);
    double *to = d;

    for (int64_t u = 0; u < v->users; u++)
        for (int m = 0; m < v->metrics && evaluation_in_group(v, u, g); m++)
            *to++ = a->x[u * v->metrics + m] - b->x[u * v->metrics + m];
    return d;
}

/* What is of all users together differs, and nothing says how surely. */
static void compare_whole(const struct evaluation *v, struct comparison *c, int g)
{
    for (int m = 0; m < v->metrics; m++) {
        int at = g * v->metrics + m;
        double a = v->scorer[c->first].value[at].mean;
        double b = v->scorer[c->second].value[at].mean;

        if (!metric_is_whole(v->metric[m].kind))
            continue;
        c->difference[at] = (struct interval){ a - b, NAN, NAN };
        c->p[at] = NAN;
    }
}

void evaluation_compare(struct evaluation *v, int i, int j, int rounds)
{
    struct comparison c = { i, j, NULL, NULL };
    size_t cells = (size_t)(v->groups * v->metrics);

    c.difference = mem_new(cells, sizeof *c.difference);
    c.p = mem_new(cells, sizeof *c.p);
    for (int g = 0; g < v->groups; g++) {
        double *d = group_differences(v, &v->scorer[i], &v->scorer[j], g);
        int at = g * v->metrics;

        clusters_bootstrap(v, g, c.difference + at, d, v->metrics);
        clusters_test(v, g, c.p + at, d, v->metrics, rounds);
        compare_whole(v, &c, g);
        free(d);
    }
    v->comparison =
        mem_resize(v->comparison, (size_t)v->comparisons + 1, sizeof *v->comparison);
    v->comparison[v->comparisons++] = c;
}
