#include "evaluation/evaluation.h"

#include "cand/truth.h"
#include "evaluation/metric_list.h"
#include "score/catalogue.h"
#include "util/mem.h"
#include "util/near.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const cluster_names[] = {
    [CLUSTER_USER] = "user", [CLUSTER_ITEM] = "item", [CLUSTER_BOTH] = "both",
    [CLUSTER_AUTO] = "auto", NULL
};

static const int32_t *items_of(const struct evaluation *v, int64_t u)
{
    return v->item + u * v->columns;
}

int evaluation_join(struct evaluation *v, const struct history *h, enum split split,
                    const struct texts *ids, struct error *e)
{
    struct truth_rows rows = { split, v->users, v->columns, v->user, v->item,
                               v->retrieved };
    struct truth t;
    int status = truth_find(&t, &rows, h, ids, e);

    v->truth = t.column;
    v->true_item = t.item;
    v->people = t.people;
    return status;
}

static struct scorer scorer_new(const struct evaluation *v, const char *name)
{
    size_t users = (size_t)v->users, metrics = (size_t)v->metrics;
    struct scorer s = { .name = mem_string(name), .runs = 1 };

    s.value = mem_new((size_t)v->groups * metrics, sizeof *s.value);
    s.x = mem_new(users * metrics, sizeof *s.x);
    s.rank = mem_new(users, sizeof *s.rank);
    s.missing = mem_new(users, sizeof *s.missing);
    return s;
}

struct scorer *evaluation_add_empty(struct evaluation *v, const char *name)
{
    v->scorer = mem_resize(v->scorer, (size_t)v->scorers + 1, sizeof *v->scorer);
    v->scorer[v->scorers] = scorer_new(v, name);
    return &v->scorer[v->scorers++];
}

/* Fills the users' metrics of scorer s by their places (users) and, where it has any,
 * by its score (users, columns). */
static void take_places(struct evaluation *v, struct scorer *s, const struct place *place,
                        const float *score)
{
    for (int64_t u = 0; u < v->users; u++) {
        for (int m = 0; m < v->metrics; m++)
            s->x[u * v->metrics + m] = metric_value(v->metric[m], place[u]);
        s->rank[u] = place[u].scored && !place[u].missed && v->true_item
                         ? metric_mean_rank(place[u])
                         : (double)NAN;
        s->missing[u] = !place[u].scored;
    }
    if (v->popularity)
        metric_list_fill(v, s, score);
}

static void free_scorer(struct scorer *s)
{
    free(s->name);
    free(s->x);
    free(s->rank);
    free(s->missing);
    free(s->value);
}

void evaluation_begin(struct evaluation *v)
{
    struct place *place = mem_new((size_t)v->users, sizeof *place);
    struct scorer chance;

    if (!v->groups)
        evaluation_group(v, NULL, NULL, 0);
    for (int64_t u = 0; u < v->users; u++) {
        place[u] = v->item ? metric_place_by_chance(items_of(v, u), v->columns)
                           : (struct place){ .tied = v->ranked[u], .scored = true };
        place[u].missed = v->truth && v->truth[u] < 0;
    }
    chance = scorer_new(v, "chance");
    take_places(v, &chance, place, NULL);
    v->chance = mem_new((size_t)(v->groups * v->metrics), sizeof *v->chance);
    for (int i = 0; i < v->groups * v->metrics; i++) {
        int g = i / v->metrics, m = i % v->metrics;
        double sum = 0;

        for (int64_t u = 0; u < v->users; u++)
            if (evaluation_in_group(v, u, g))
                sum += chance.x[u * v->metrics + m];
        sum /= (double)v->group[g].users;
        v->chance[i] = metric_is_whole(v->metric[m].kind)
                           ? chance.value[i]
                           : (struct interval){ sum, sum, sum };
    }
    free_scorer(&chance);
    free(place);
}

static void add_places(struct evaluation *v, const char *name, const struct place *place,
                       const float *score)
{
    take_places(v, evaluation_add_empty(v, name), place, score);
}

void evaluation_add(struct evaluation *v, const char *name, const float *score)
{
    struct place *place = mem_new((size_t)v->users, sizeof *place);

    for (int64_t u = 0; u < v->users; u++)
        place[u] = metric_place(score + u * v->columns, items_of(v, u), v->columns,
                                v->truth ? v->truth[u] : 0);
    add_places(v, name, place, score);
    free(place);
}

void evaluation_add_ranks(struct evaluation *v, const char *name, const int32_t *rank)
{
    struct place *place = mem_new((size_t)v->users, sizeof *place);

    for (int64_t u = 0; u < v->users; u++) {
        const int32_t *r = rank + u * RANK_COLUMNS;

        place[u] = (struct place){ r[RANK_ABOVE], r[RANK_TIED], r[RANK_TIED] > 0 };
    }
    add_places(v, name, place, NULL);
    free(place);
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

/* Adds the sums of `more` to those of s, and frees it. */
static void add_run(const struct evaluation *v, struct scorer *s, struct scorer *more)
{
    for (int64_t i = 0; i < v->users * v->metrics; i++)
        s->x[i] += more->x[i];
    for (int64_t u = 0; u < v->users; u++) {
        s->rank[u] += more->rank[u];
        s->missing[u] += more->missing[u];
    }
    for (int i = 0; i < v->groups * v->metrics; i++)
        s->value[i].mean += more->value[i].mean;
    s->runs++;
    free_scorer(more);
}

/* Sums over runs become means. */
static void divide_by_runs(const struct evaluation *v, struct scorer *s)
{
    for (int64_t i = 0; i < v->users * v->metrics; i++)
        s->x[i] /= s->runs;
    for (int i = 0; i < v->groups * v->metrics; i++)
        s->value[i].mean /= s->runs;
    for (int64_t u = 0; u < v->users; u++)
        s->rank[u] /= s->runs;
}

void evaluation_pool(struct evaluation *v)
{
    int kept = 0;

    for (int i = 0; i < v->scorers; i++) {
        struct scorer s = v->scorer[i], *same = find_pooled(v, kept, s.name);

        if (same) {
            add_run(v, same, &s);
            continue;
        }
        s.name[pooled_length(s.name)] = 0;
        v->scorer[kept++] = s;
    }
    v->scorers = kept;
    for (int i = 0; i < kept; i++)
        divide_by_runs(v, &v->scorer[i]);
}

int evaluation_find(const struct evaluation *v, const char *name)
{
    for (int i = 0; i < v->scorers; i++)
        if (strcmp(v->scorer[i].name, name) == 0)
            return i;
    return -1;
}

void evaluation_needs(const struct evaluation *v, int count, const char *option,
                      const char *name)
{
    struct error e;
    struct near near;

    near_begin(&near, name);
    for (int i = 0; i < count; i++) {
        if (evaluation_find(&v[i], name) >= 0)
            return;
        for (int s = 0; s < v[i].scorers; s++)
            near_offer(&near, v[i].scorer[s].name);
    }
    fail(&e, "no scores of '%s' in the input", name);
    near_end(&e, &near);
    die("--%s: %s", option, e.text);
}

const char *evaluation_metric(const struct evaluation *v, int m, char *text, int size)
{
    char name[32];

    snprintf(text, (size_t)size, "%s/%s", metric_name(v->metric[m], name, sizeof name),
             v->protocol);
    return text;
}

const char *evaluation_list(const struct evaluation *v)
{
    return strstr(v->protocol, "top ");
}

void evaluation_free(struct evaluation *v)
{
    for (int i = 0; i < v->scorers; i++)
        free_scorer(&v->scorer[i]);
    for (int i = 0; i < v->comparisons; i++) {
        free(v->comparison[i].difference);
        free(v->comparison[i].p);
    }
    for (int i = 0; i < v->notes; i++)
        free(v->note[i]);
    for (int g = 0; g < v->groups; g++)
        free(v->group[g].name);
    free(v->scorer);
    free(v->comparison);
    free(v->note);
    free(v->group);
    free(v->group_of);
    free(v->chance);
    free(v->truth);
    free(v->true_item);
    free(v->ranked);
    free(v->protocol);
}
