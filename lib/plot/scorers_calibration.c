#include "plot/scorers.h"

#include "score/scores.h"
#include "util/mem.h"

#include <math.h>
#include <stdlib.h>

#define NORMAL_975 1.959963984540054 /* the normal distribution's 97.5 % quantile */

/* A user's best item: its probability, and how much of it is the truth. */
struct guess {
    double p, right;
};

/* Softmax over the scores (columns) that are numbers, of items that are no padding; false
 * where there is none.  Of equal best items each counts by its share. */
static bool best_of(struct guess *g, const float *score, const int32_t *item, int columns,
                    int truth)
{
    double best = -INFINITY, sum = 0;
    int ties = 0;

    for (int k = 0; k < columns; k++)
        if (item[k] >= 0 && (double)score[k] > best)
            best = (double)score[k];
    if (!isfinite(best))
        return false;
    for (int k = 0; k < columns; k++)
        if (item[k] >= 0 && !isnan(score[k])) {
            sum += exp((double)score[k] - best);
            ties += (double)score[k] == best;
        }
    g->p = 1 / sum;
    g->right = truth >= 0 && (double)score[truth] == best ? 1. / ties : 0;
    return true;
}

static int by_probability(const void *a, const void *b)
{
    const struct guess *x = a, *y = b;

    return x->p != y->p ? (x->p > y->p) - (x->p < y->p)
                        : (x->right > y->right) - (x->right < y->right);
}

/* Wilson's interval of a share of n. */
static void put_share(struct series *s, double x, double share, double n)
{
    double z = NORMAL_975 * NORMAL_975 / n, middle = (share + z / 2) / (1 + z);
    double half = NORMAL_975 / (1 + z) * sqrt(share * (1 - share) / n + z / (4 * n));

    figure_interval(s, x, share, middle - half, middle + half);
}

/* Bins of as many users each; the expected calibration error. */
static double put_bins(struct series *s, const struct guess *g, int64_t n)
{
    int bins = n < CALIBRATION_BINS ? (int)n : CALIBRATION_BINS;
    double error = 0;

    for (int b = 0; b < bins; b++) {
        int64_t from = n * b / bins, to = n * (b + 1) / bins;
        double p = 0, right = 0, users = (double)(to - from);

        for (int64_t u = from; u < to; u++) {
            p += g[u].p / users;
            right += g[u].right / users;
        }
        put_share(s, p, right, users);
        error += fabs(p - right) * users / (double)n;
    }
    return error;
}

static void put_scorer(struct panel *p, const struct evaluation *v, const char *name,
                       int colour, const float *score)
{
    struct guess *g = mem_new((size_t)v->users + 1, sizeof *g);
    struct series *s = figure_series(p, NULL, LOOK_MARKED, colour);
    int64_t n = 0;
    double error;

    for (int64_t u = 0; u < v->users; u++)
        n += best_of(&g[n], score + u * v->columns, v->item + u * v->columns, v->columns,
                     v->truth[u]);
    qsort(g, (size_t)n, sizeof *g, by_probability);
    error = put_bins(s, g, n);
    s->name = mem_format("%s (error %.3f)", name, error);
    s->mark = colour % 2;
    free(g);
}

void scorers_calibration(struct figure *f, struct filter *in, const struct evaluation *v,
                         int count, const struct scorers_choice *c)
{
    for (int i = 0; i < count; i++) {
        char *items = mem_format("cand.%s.item", v[i].split), *title;
        struct series *perfect;
        struct panel *p;

        if (scorers_has_table(c, v, count, i) && v[i].item && v[i].true_item) {
            title = scorers_title(&v[i]);
            p = figure_panel(f, title, "probability of the best item (softmax of its "
                             "user's scores)", "share of users whose best item is true");
            free(title);
            p->x_unit = p->y_unit = true;
            p->legend = LEGEND_LEFT;
            perfect = figure_series(p, "perfect", LOOK_FAINT, -1);
            figure_point(perfect, 0, 0);
            figure_point(perfect, 1, 1);
            for (int s = 0; s < v[i].scorers; s++) {
                char *name = mem_format("score.%s.%s", v[i].split, v[i].scorer[s].name);

                if (scorers_has(c, v[i].scorer[s].name) && filter_has(in, name))
                    put_scorer(p, &v[i], v[i].scorer[s].name, s,
                               scores_take(in, name,
                                           filter_tensor(in, items, DT_I4, 2,
                                                         "cand-sample")));
                free(name);
            }
        }
        free(items);
    }
}
