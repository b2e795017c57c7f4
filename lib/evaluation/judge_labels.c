#include "evaluation/judge_labels.h"

#include "metrics/metric_graded.h"
#include "score/scores.h"
#include "util/error.h"
#include "util/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct metric accuracy = { METRIC_HR, 1 };

/* Those of the judge that are defined here. */
static void choose_metrics(struct evaluation *v, struct judge *j)
{
    if (!j->of_labels)
        j->of_labels = mem_new((size_t)j->metrics + 1, sizeof *j->of_labels);
    for (int m = 0; m < j->metrics; m++)
        if (metric_graded_has(j->metric[m]))
            j->of_labels[v->metrics++] = j->metric[m];
    if (v->metrics == 0)
        j->of_labels[v->metrics++] = accuracy;
    v->metric = j->of_labels;
}

/* Every metric of every user. */
static double *values(const struct evaluation *v, const float *score, const float *rel)
{
    double *x = mem_new((size_t)(v->users * v->metrics), sizeof *x);

#pragma omp parallel for schedule(static)
    for (int64_t u = 0; u < v->users; u++)
        for (int m = 0; m < v->metrics; m++)
            x[u * v->metrics + m] = metric_graded_value(
                v->metric[m], score + u * v->columns, rel + u * v->columns, v->columns);
    return x;
}

static void add(struct evaluation *v, const char *name, const float *score,
                const float *rel)
{
    struct scorer *s = evaluation_add_empty(v, name);
    double *x = values(v, score, rel);

    for (int64_t u = 0; u < v->users; u++) {
        bool any = false;

        for (int k = 0; k < v->columns; k++)
            any |= !isnan(score[u * v->columns + k]);
        for (int m = 0; m < v->metrics; m++)
            s->x[u * v->metrics + m] = any ? x[u * v->metrics + m] : 0;
        s->rank[u] = (double)NAN;
        s->missing[u] = !any;
    }
    free(x);
}

/* What equal scores are worth. */
static void set_chance(struct evaluation *v, const float *rel)
{
    float *equal = mem_new((size_t)(v->users * v->columns), sizeof *equal);
    double *x = values(v, equal, rel);

    evaluation_group(v, NULL, NULL, 0);
    v->chance = mem_new((size_t)v->metrics, sizeof *v->chance);
    for (int m = 0; m < v->metrics; m++) {
        double sum = 0;

        for (int64_t u = 0; u < v->users; u++)
            sum += x[u * v->metrics + m];
        sum /= (double)v->users;
        v->chance[m] = (struct interval){ sum, sum, sum };
    }
    free(equal);
    free(x);
}

static void check_scores(struct filter *f, const char *name, const char *want)
{
    const char *digest = filter_attr(f, name, "candidates");
    const char *by = filter_attr(f, name, "by");

    if (!digest || strcmp(digest, want) != 0)
        die("'%s' scored candidates %s, but these are %s: run %s again", name,
            digest ? digest : "that it does not name", want, by ? by : "its scorer");
}

static void check_relevance(const struct tensor *rel, const char *name)
{
    const float *x = rel->data;

    for (int64_t u = 0; u < rel->shape[0]; u++) {
        bool any = false;

        for (int64_t k = 0; k < rel->shape[1]; k++, x++) {
            if (!(*x >= 0) || !isfinite(*x))
                die("'%s': row %lld holds %g, expected numbers from 0", name,
                    (long long)u, (double)*x);
            any |= *x > 0;
        }
        if (!any)
            die("'%s': row %lld has no label at all", name, (long long)u);
    }
}

static void judge_set(struct judge *j, struct filter *f, struct evaluation *v,
                      const char *rel_name)
{
    const struct tensor *rel = filter_tensor(f, rel_name, DT_F4, 2, "label-count");
    char digest[DIGEST_TEXT];
    const char *name;
    char *users;

    check_relevance(rel, rel_name);
    *v = (struct evaluation){ .split = strchr(rel_name, '.') + 1, .users = rel->shape[0],
                              .columns = (int)rel->shape[1], .resamples = j->resamples,
                              .seed = j->seed };
    if (v->users == 0)
        die("'%s' holds no users", rel_name);
    users = mem_format("cand.%s.user", v->split);
    v->user = filter_tensor_sized(f, users, DT_I4, v->users, 0, "label-count")->data;
    free(users);
    choose_metrics(v, j);
    v->people = v->users;
    v->protocol = mem_format("%d %s", v->columns, v->split);
    tensor_digest_text(rel, digest);
    set_chance(v, rel->data);
    for (int i = 0; (name = scores_name(f, v->split, i)); i++) {
        check_scores(f, name, digest);
        add(v, scores_scorer(name),
            filter_tensor_sized(f, name, DT_F4, v->users, v->columns, "llm-score")->data,
            rel->data);
    }
    add(v, "oracle", rel->data, rel->data);
    if (j->pool)
        evaluation_pool(v);
    evaluation_finish(v);
}

int judge_labels(struct judge *j, struct filter *f, struct evaluation *v)
{
    const char *name;
    int count = 0;

    for (int i = 0; (name = filter_kept_name(f, i)); i++) {
        if (strncmp(name, "rel.", 4) != 0 || !scores_has(f, name + 4))
            continue;
        if (count == JUDGED_LABELS)
            die("more than %d sets of labels have scores", JUDGED_LABELS);
        judge_set(j, f, &v[count++], name);
    }
    return count;
}
