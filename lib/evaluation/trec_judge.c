#include "evaluation/trec_parts.h"
#include "util/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void trec_begin(struct evaluation *v, const struct trec *t, const char *split)
{
    v->split = split;
    v->user = t->user;
    v->users = v->people = t->queries.count;
    v->protocol = mem_string("trec");
    evaluation_group(v, NULL, NULL, 0);
    v->chance = mem_new((size_t)v->metrics, sizeof *v->chance);
}

int trec_by_document(const void *a, const void *b)
{
    const struct judgement *x = a, *y = b;
    int order = strcmp(x->query, y->query);

    return order ? order : strcmp(x->document, y->document);
}

static long relevance_of(const struct trec *t, int64_t q, const struct retrieved *r)
{
    struct judgement key = { r->query, r->document, 0 };
    const struct judgement *j =
        bsearch(&key, t->judgement + t->first[q],
                (size_t)(t->first[q + 1] - t->first[q]), sizeof key, trec_by_document);

    return j && j->relevance > 0 ? j->relevance : 0;
}

static int descending(const void *a, const void *b)
{
    const long *x = a, *y = b;

    return (*x < *y) - (*x > *y);
}

/* Query q by its documents r (n), the best first. */
static void judge_query(struct evaluation *v, struct scorer *s, const struct trec *t,
                        int64_t q, const struct retrieved *r, int n)
{
    int64_t judged = t->first[q + 1] - t->first[q];
    long *found = mem_new((size_t)n + 1, sizeof *found);
    long *ideal = mem_new((size_t)judged, sizeof *ideal);
    int relevant = 0;

    for (int64_t i = t->first[q]; i < t->first[q + 1]; i++)
        if (t->judgement[i].relevance > 0)
            ideal[relevant++] = t->judgement[i].relevance;
    qsort(ideal, (size_t)relevant, sizeof *ideal, descending);
    for (int i = 0; i < n; i++) {
        found[i] = relevance_of(t, q, &r[i]);
        if (found[i] > 0 && isnan(s->rank[q]))
            s->rank[q] = i + 1;
    }
    for (int m = 0; m < v->metrics; m++)
        s->x[q * v->metrics + m] = metric_judged_value(
            v->metric[m], &(struct judged){ found, ideal, n, relevant });
    free(found);
    free(ideal);
}

/* Both are in the order of the queries' names. */
static int64_t judge_all_queries(struct evaluation *v, struct scorer *s,
                                 const struct trec *t, const struct retrieved *r, int n)
{
    int at = 0;
    int64_t strangers = 0;

    for (int64_t q = 0; q < v->users; q++) {
        const char *query = texts_at(&t->queries, q);
        int first;

        for (; at < n && strcmp(r[at].query, query) < 0; at++)
            strangers += at == 0 || strcmp(r[at].query, r[at - 1].query) != 0;
        for (first = at; at < n && strcmp(r[at].query, query) == 0;)
            at++;
        s->rank[q] = NAN;
        s->missing[q] = at == first;
        judge_query(v, s, t, q, r + first, at - first);
    }
    for (; at < n; at++)
        strangers += at == 0 || strcmp(r[at].query, r[at - 1].query) != 0;
    return strangers;
}

void trec_judge(struct evaluation *v, const struct trec *t, const struct retrieved *r,
                int n)
{
    struct scorer *s = evaluation_add_empty(v, r[0].tag);
    int64_t strangers = judge_all_queries(v, s, t, r, n);
    int64_t missing = evaluation_unscored(v, s, 0);

    if (missing > 0)
        evaluation_note(v, "%s: %lld of %lld queries are not in the run and count as 0",
                        s->name, (long long)missing, (long long)v->users);
    if (strangers > 0)
        evaluation_note(v, "%s: %lld queries of the run are not in the qrels", s->name,
                        (long long)strangers);
}
