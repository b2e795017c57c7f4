#include "plot/scorers.h"

#include "util/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { EACH_RANK = 50 }; /* candidates of which every rank has a point */

bool scorers_has_table(const struct scorers_choice *c, const struct evaluation *v,
                       int count, int i)
{
    bool tested = false;

    for (int k = 0; k < count; k++)
        tested |= strcmp(v[k].split, "test") == 0;
    if (*c->split)
        return strcmp(v[i].split, c->split) == 0;
    return !tested || strcmp(v[i].split, "test") == 0;
}

bool scorers_has(const struct scorers_choice *c, const char *name)
{
    size_t n = strlen(name);
    const char *at = c->names;

    if (!*at)
        return true;
    for (;; at += strcspn(at, ",") + 1) {
        if (strcspn(at, ",") == n && strncmp(at, name, n) == 0)
            return true;
        if (!strchr(at, ','))
            return false;
    }
}

char *scorers_title(const struct evaluation *v)
{
    if (v->retrieved)
        return mem_format("%s: %lld users, all items, of them the %s", v->split,
                          (long long)v->users, evaluation_list(v));
    return v->columns ? mem_format("%s: %lld users, %s candidates", v->split,
                                   (long long)v->users, v->protocol)
                      : mem_format("%s: %lld users, all items", v->split,
                                   (long long)v->users);
}

static struct panel *add_panel(struct figure *f, const struct evaluation *v,
                               const char *x_label, const char *y_label)
{
    char *title = scorers_title(v);
    struct panel *p = figure_panel(f, title, x_label, y_label);

    free(title);
    return p;
}

/* The values of one scorer, of all users, as bars. */
static void put_bars(struct panel *p, const struct evaluation *v, const char *name,
                     int colour, const struct interval *value)
{
    struct series *s = figure_series(p, name, LOOK_BARS, colour);

    for (int m = 0; m < v->metrics; m++) {
        bool sure = isnan(value[m].low) || value[m].low == value[m].high;

        figure_interval(s, m, value[m].mean, sure ? (double)NAN : value[m].low,
                        sure ? (double)NAN : value[m].high);
    }
}

void scorers_metrics(struct figure *f, const struct evaluation *v, int count,
                     const struct scorers_choice *c)
{
    for (int i = 0; i < count; i++) {
        struct panel *p;
        char text[64];

        if (!scorers_has_table(c, v, count, i))
            continue;
        p = add_panel(f, &v[i], "whiskers: 95 % intervals over users", "mean over users");
        p->y_zero = true;
        p->legend = LEGEND_BESIDE;
        for (int m = 0; m < v[i].metrics; m++)
            figure_category(p, metric_name(v[i].metric[m], text, sizeof text));
        put_bars(p, &v[i], "chance", -1, v[i].chance);
        for (int s = 0; s < v[i].scorers; s++)
            if (scorers_has(c, v[i].scorer[s].name))
                put_bars(p, &v[i], v[i].scorer[s].name, s, v[i].scorer[s].value);
    }
}

/* The bin of a rank from 1: itself, or 1, 2, 3-4, 5-8, ... */
static int bin_of(int rank, bool each)
{
    int bin = 0;

    if (each)
        return rank - 1;
    while (1L << bin < rank)
        bin++;
    return bin;
}

/* share (bins) gets the share of users in each bin.  A rank between two, of equal scores,
 * belongs to both by its distance. */
static void count_ranks(double *share, const double *rank, int64_t users, bool each)
{
    for (int64_t u = 0; u < users; u++) {
        double below = floor(rank[u]), part = rank[u] - below;

        if (isnan(rank[u]))
            continue;
        share[bin_of((int)below, each)] += (1 - part) / (double)users;
        if (part > 0)
            share[bin_of((int)below + 1, each)] += part / (double)users;
    }
}

/* Each of the ranked items is as likely the truth, unless that is missed. */
static void count_chance(double *share, const struct evaluation *v, bool each)
{
    for (int64_t u = 0; u < v->users; u++) {
        int ranked = v->item ? 0 : v->ranked[u];

        if (v->truth && v->truth[u] < 0)
            continue;
        for (int k = 0; v->item && k < v->columns; k++)
            ranked += v->item[u * v->columns + k] >= 0;
        for (int rank = 1; rank <= ranked; rank++)
            share[bin_of(rank, each)] += 1 / ((double)ranked * (double)v->users);
    }
}

static int most_ranked(const struct evaluation *v)
{
    int most = v->columns;

    for (int64_t u = 0; !v->item && u < v->users; u++)
        most = v->ranked[u] > most ? v->ranked[u] : most;
    return most;
}

static void name_bins(struct panel *p, int bins, bool each)
{
    char text[64];

    for (int b = 0; b < bins && !each; b++) {
        if (b < 2)
            snprintf(text, sizeof text, "%d", b + 1);
        else
            snprintf(text, sizeof text, "%ld-%ld", (1L << (b - 1)) + 1, 1L << b);
        figure_category(p, text);
    }
}

static void put_shares(struct panel *p, const char *name, enum look look, int colour,
                       const double *share, int bins, bool each)
{
    struct series *s = figure_series(p, name, look, colour);

    s->mark = colour % 2;
    for (int b = 0; b < bins; b++)
        figure_point(s, each ? b + 1 : b, share[b]);
}

void scorers_ranks(struct figure *f, const struct evaluation *v, int count,
                   const struct scorers_choice *c)
{
    for (int i = 0; i < count; i++) {
        int most = most_ranked(&v[i]);
        bool each = most <= EACH_RANK;
        int bins = bin_of(most, each) + 1;
        double *share;
        struct panel *p;

        if (!scorers_has_table(c, v, count, i) || !v[i].true_item)
            continue;
        p = add_panel(f, &v[i], "rank of the true item (1: the best)", "share of users");
        p->y_zero = true;
        p->legend = LEGEND_BESIDE;
        name_bins(p, bins, each);
        share = mem_new((size_t)bins, sizeof *share);
        count_chance(share, &v[i], each);
        put_shares(p, "chance", LOOK_FAINT, -1, share, bins, each);
        for (int s = 0; s < v[i].scorers; s++) {
            if (!scorers_has(c, v[i].scorer[s].name))
                continue;
            memset(share, 0, (size_t)bins * sizeof *share);
            count_ranks(share, v[i].scorer[s].rank, v[i].users, each);
            put_shares(p, v[i].scorer[s].name, LOOK_MARKED, s, share, bins, each);
        }
        free(share);
    }
}
