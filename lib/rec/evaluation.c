#include "rec/evaluation.h"

#include "util/mem.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int32_t *items_of(const struct evaluation *v, int64_t u)
{
    return v->item + u * v->columns;
}

/* "'196'", or the number where there are no ids. */
static const char *user_name(const struct texts *ids, int32_t user, char *text,
                             size_t size)
{
    if (ids && user >= 0 && user < ids->count)
        snprintf(text, size, "'%s'", texts_at(ids, user));
    else
        snprintf(text, size, "%d", user);
    return text;
}

int evaluation_join(struct evaluation *v, const struct history *h, enum split split,
                    const struct texts *ids, struct error *e)
{
    char name[128];

    v->truth = mem_new((size_t)v->users, sizeof *v->truth);
    for (int64_t u = 0; u < v->users; u++) {
        int32_t user = v->user[u];
        int64_t row = user >= 0 && user < h->users ? history_target(h, user, split) : -1;

        user_name(ids, user, name, sizeof name);
        if (row < 0)
            return fail(e, "cand.%s.user: row %lld: user %s has no %s interaction",
                        v->split, (long long)u, name, v->split);
        v->truth[u] = place_find(items_of(v, u), v->columns, h->item[row]);
        if (v->truth[u] < 0)
            return fail(e, "cand.%s.item: row %lld: item %d, the %s item of user %s, is "
                           "%s among its candidates: run cand-sample again",
                        v->split, (long long)u, h->item[row], v->split, name,
                        v->truth[u] == -1 ? "not" : "more than once");
    }
    return 0;
}

void evaluation_begin(struct evaluation *v)
{
    v->chance = mem_new((size_t)v->metrics, sizeof *v->chance);
    for (int m = 0; m < v->metrics; m++) {
        double sum = 0;

        for (int64_t u = 0; u < v->users; u++)
            sum += metric_value(v->metric[m],
                                place_by_chance(items_of(v, u), v->columns));
        sum /= (double)v->users;
        v->chance[m] = (struct interval){ sum, sum, sum };
    }
}

void evaluation_add(struct evaluation *v, const char *name, const float *score)
{
    struct scorer s = { .name = mem_string(name), .runs = 1 };

    s.place = mem_new((size_t)v->users, sizeof *s.place);
    s.value = mem_new((size_t)v->metrics, sizeof *s.value);
    for (int64_t u = 0; u < v->users; u++) {
        s.place[u] = place_of(score + u * v->columns, items_of(v, u), v->columns,
                              v->truth[u]);
        s.unscored += !s.place[u].scored;
    }
    v->scorer = mem_resize(v->scorer, (size_t)v->scorers + 1, sizeof *v->scorer);
    v->scorer[v->scorers++] = s;
}

/* How much of a name is left without "@RUN". */
static size_t pooled_length(const char *name)
{
    const char *at = strrchr(name, '@');

    return at && at > name ? (size_t)(at - name) : strlen(name);
}

/* The first scorer of that name, or NULL. */
static struct scorer *find_pooled(struct evaluation *v, int scorers, const char *name)
{
    for (int i = 0; i < scorers; i++)
        if (strlen(v->scorer[i].name) == pooled_length(name) &&
            strncmp(v->scorer[i].name, name, pooled_length(name)) == 0)
            return &v->scorer[i];
    return NULL;
}

/* Adds the runs of `more` to s, and frees it. */
static void add_runs(struct evaluation *v, struct scorer *s, struct scorer *more)
{
    size_t users = (size_t)v->users;

    s->place = mem_resize(s->place, ((size_t)s->runs + 1) * users, sizeof *s->place);
    memcpy(s->place + (size_t)s->runs * users, more->place, users * sizeof *s->place);
    s->runs++;
    s->unscored += more->unscored;
    free(more->name), free(more->place), free(more->value);
}

void evaluation_pool(struct evaluation *v)
{
    int kept = 0;

    for (int i = 0; i < v->scorers; i++) {
        struct scorer s = v->scorer[i], *same = find_pooled(v, kept, s.name);

        if (same) {
            add_runs(v, same, &s);
            continue;
        }
        s.name[pooled_length(s.name)] = 0;
        v->scorer[kept++] = s;
    }
    v->scorers = kept;
}

double evaluation_value(const struct evaluation *v, const struct scorer *s, int64_t u,
                        int m)
{
    double sum = 0;

    for (int r = 0; r < s->runs; r++)
        sum += metric_value(v->metric[m], s->place[r * v->users + u]);
    return sum / s->runs;
}

double evaluation_rank(const struct evaluation *v, const struct scorer *s, int64_t u)
{
    double sum = 0;

    for (int r = 0; r < s->runs; r++) {
        struct place p = s->place[r * v->users + u];

        sum += p.scored ? place_rank(p) : NAN;
    }
    return sum / s->runs;
}

void evaluation_finish(struct evaluation *v)
{
    int columns = v->scorers * v->metrics;
    double *x = mem_new((size_t)v->users * (size_t)columns, sizeof *x);
    struct interval *out = mem_new((size_t)columns, sizeof *out);

    for (int64_t u = 0; u < v->users; u++)
        for (int c = 0; c < columns; c++)
            x[u * columns + c] =
                evaluation_value(v, &v->scorer[c / v->metrics], u, c % v->metrics);
    bootstrap_means(out, x, v->users, columns, v->resamples, v->seed);
    for (int c = 0; c < columns; c++)
        v->scorer[c / v->metrics].value[c % v->metrics] = out[c];
    free(x);
    free(out);
}

void evaluation_compare(struct evaluation *v, int i, int j, int rounds)
{
    struct comparison c = { i, j, NULL, NULL };
    double *d = mem_new((size_t)v->users * (size_t)v->metrics, sizeof *d);

    c.difference = mem_new((size_t)v->metrics, sizeof *c.difference);
    c.p = mem_new((size_t)v->metrics, sizeof *c.p);
    for (int64_t u = 0; u < v->users; u++)
        for (int m = 0; m < v->metrics; m++)
            d[u * v->metrics + m] = evaluation_value(v, &v->scorer[i], u, m) -
                                    evaluation_value(v, &v->scorer[j], u, m);
    bootstrap_means(c.difference, d, v->users, v->metrics, v->resamples, v->seed);
    sign_flip_test(c.p, d, v->users, v->metrics, rounds, v->seed);
    v->comparison =
        mem_resize(v->comparison, (size_t)v->comparisons + 1, sizeof *v->comparison);
    v->comparison[v->comparisons++] = c;
    free(d);
}

int evaluation_find(const struct evaluation *v, const char *name)
{
    for (int i = 0; i < v->scorers; i++)
        if (strcmp(v->scorer[i].name, name) == 0)
            return i;
    return -1;
}

void evaluation_note(struct evaluation *v, const char *format, ...)
{
    char text[512];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    v->note = mem_resize(v->note, (size_t)v->notes + 1, sizeof *v->note);
    v->note[v->notes++] = mem_string(text);
}

const char *evaluation_metric(const struct evaluation *v, int m, char *text, int size)
{
    char name[32];

    snprintf(text, (size_t)size, "%s/%s", metric_name(v->metric[m], name, sizeof name),
             v->protocol);
    return text;
}

void evaluation_free(struct evaluation *v)
{
    for (int i = 0; i < v->scorers; i++) {
        free(v->scorer[i].name);
        free(v->scorer[i].place);
        free(v->scorer[i].value);
    }
    for (int i = 0; i < v->comparisons; i++) {
        free(v->comparison[i].difference);
        free(v->comparison[i].p);
    }
    for (int i = 0; i < v->notes; i++)
        free(v->note[i]);
    free(v->scorer);
    free(v->comparison);
    free(v->note);
    free(v->chance);
    free(v->truth);
    free(v->protocol);
}
