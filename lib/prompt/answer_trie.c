#include "prompt/answer_trie.h"

#include "util/mem.h"

#include <math.h>
#include <stdlib.h>

const char *const score_norm_names[] = { "sum", "token", "byte", "choice", NULL };

void answer_trie_free(struct answer_trie *a)
{
    for (int i = 0; i < a->room; i++)
        codes_free(&a->list[i]);
    free(a->list);
    *a = (struct answer_trie){ 0 };
}

struct codes *answer_trie_add(struct answer_trie *a)
{
    if (a->count == a->room) {
        a->room = a->room ? 2 * a->room : 32;
        a->list = mem_resize(a->list, (size_t)a->room, sizeof *a->list);
        for (int i = a->count; i < a->room; i++)
            a->list[i] = (struct codes){ 0 };
    }
    a->list[a->count].n = 0;
    return &a->list[a->count++];
}

int answer_trie_build(struct answer_trie *a, const struct prompter *p, const int *items,
                      int count, struct error *e)
{
    a->count = 0;
    for (int i = 0; i < count; i++)
        if (prompt_answer(answer_trie_add(a), p, items[i], e) < 0)
            return -1;
    return 0;
}

int answer_trie_longest(const struct answer_trie *a)
{
    int n = 0;

    for (int i = 0; i < a->count; i++)
        n = a->list[i].n > n ? a->list[i].n : n;
    return n;
}

void trie_plan_free(struct trie_plan *p)
{
    free(p->steps);
    *p = (struct trie_plan){ 0 };
}

void trie_path_free(struct trie_path *p)
{
    free(p->forks);
    free(p->label);
    *p = (struct trie_path){ 0 };
}

/* A node of the trie: the candidates whose answers agree up to depth. */
struct node {
    const struct answer_trie *a;
    const int *members;
    int count, depth;
};

static int token_at(const struct node *n, int member)
{
    const struct codes *c = &n->a->list[n->members[member]];

    return n->depth < c->n ? c->list[n->depth] : -1;
}

/* The members that go on with `token`, into group (count); their number. */
static int group_of(const struct node *n, int token, int *group)
{
    int size = 0;

    for (int i = 0; i < n->count; i++)
        if (token_at(n, i) == token)
            group[size++] = n->members[i];
    return size;
}

/* Whether member i is the first with its token. */
static bool is_first(const struct node *n, int i)
{
    for (int j = 0; j < i; j++)
        if (token_at(n, j) == token_at(n, i))
            return false;
    return token_at(n, i) >= 0;
}

static int distinct_tokens(const struct node *n)
{
    int distinct = 0;

    for (int i = 0; i < n->count; i++)
        distinct += is_first(n, i);
    return distinct;
}

/* Equal answers never part. */
static bool parts_later(const struct node *n)
{
    for (int i = 1; i < n->count; i++) {
        const struct codes *a = &n->a->list[n->members[0]];
        const struct codes *b = &n->a->list[n->members[i]];

        if (a->n != b->n)
            return true;
        for (int d = n->depth; d < a->n; d++)
            if (a->list[d] != b->list[d])
                return true;
    }
    return false;
}

static bool goes_on(const struct node *n)
{
    for (int i = 0; i < n->count; i++)
        if (token_at(n, i) >= 0)
            return true;
    return false;
}

struct walk {
    struct trie_plan *plan;
    struct token_tree *s;
    enum score_norm norm;
};

static void walk_node(const struct walk *w, const struct node *n, int segment, int want);

/* Goes on with one token; in a segment of its own where the node forks. */
static void walk_child(const struct walk *w, const struct node *n, int token,
                       int segment, bool fork)
{
    int *group = mem_new((size_t)n->count, sizeof *group);
    struct node child = { n->a, group, group_of(n, token, group), n->depth + 1 };

    if (goes_on(&child) && (w->norm != NORM_CHOICE || parts_later(&child))) {
        if (fork)
            segment = token_tree_open(w->s, segment);
        token_tree_add(w->s, &token, 1);
        walk_node(w, &child, segment, -1);
    }
    free(group);
}

static void add_steps(const struct walk *w, const struct node *n, int token, int term,
                      int first, int end)
{
    for (int i = 0; i < n->count; i++)
        if (token_at(n, i) == token) {
            struct trie_step step = { n->members[i], term, first, end };

            MEM_PUSH(w->plan->steps, w->plan->count, w->plan->room, step);
        }
}

/* The terms of a node, then its children.  want -1: the last row is asked here. */
static void walk_node(const struct walk *w, const struct node *n, int segment, int want)
{
    int distinct = distinct_tokens(n), first = w->s->terms;
    bool fork = distinct > 1, asks = w->norm != NORM_CHOICE || fork;

    if (asks && want < 0)
        want = token_tree_want(w->s);
    for (int i = 0; i < n->count && asks; i++)
        if (is_first(n, i)) {
            int term =
                token_tree_term(w->s, want, token_at(n, i), w->norm == NORM_CHOICE);

            add_steps(w, n, token_at(n, i), term, first, first + distinct);
        }
    for (int i = 0; i < n->count; i++)
        if (is_first(n, i))
            walk_child(w, n, token_at(n, i), segment, fork);
}

void trie_plan_all(struct trie_plan *plan, struct token_tree *s,
                   const struct answer_trie *a, enum score_norm norm)
{
    int *members = mem_new((size_t)a->count, sizeof *members);
    struct walk w = { plan, s, norm };
    struct node root = { a, members, a->count, 0 };

    for (int i = 0; i < a->count; i++)
        members[i] = i;
    plan->count = 0;
    walk_node(&w, &root, s->segments - 1, -1);
    free(members);
}

double trie_log_sum(const real *out, int first, int end)
{
    double top = -INFINITY, sum = 0;

    for (int i = first; i < end; i++)
        top = (double)out[i] > top ? (double)out[i] : top;
    for (int i = first; i < end; i++)
        sum += exp((double)out[i] - top);
    return top + log(sum);
}

void trie_score(double *score, const struct trie_plan *plan, const struct answer_trie *a,
                const real *out, enum score_norm norm, const size_t *bytes)
{
    for (int i = 0; i < a->count; i++)
        score[i] = 0;
    for (int i = 0; i < plan->count; i++) {
        const struct trie_step *s = &plan->steps[i];

        score[s->candidate] += (double)out[s->term];
        if (norm == NORM_CHOICE)
            score[s->candidate] -= trie_log_sum(out, s->first, s->end);
    }
    for (int i = 0; i < a->count; i++) {
        if (norm == NORM_TOKEN && a->list[i].n > 0)
            score[i] /= a->list[i].n;
        if (norm == NORM_BYTE && bytes[i] > 0)
            score[i] /= (double)bytes[i];
    }
}

/* The labels of the members that go on with `token`, together. */
static double label_of(const struct node *n, int token, const double *label)
{
    double sum = 0;

    for (int i = 0; i < n->count; i++)
        if (token_at(n, i) == token)
            sum += label[n->members[i]];
    return sum;
}

/* The fork at n, asked at want, as seen from the target's token. */
static void add_fork(struct trie_path *p, struct token_tree *s, const struct node *n,
                     int want, int token, const double *label)
{
    struct trie_step fork = { .first = s->terms };

    for (int i = 0; i < n->count; i++)
        if (is_first(n, i)) {
            int at = s->terms - p->terms_first;
            int term = token_tree_term(s, want, token_at(n, i), true);

            MEM_PUSH(p->label, at, p->label_room,
                     label ? label_of(n, token_at(n, i), label)
                           : token_at(n, i) == token);
            if (token_at(n, i) == token)
                fork.term = term;
        }
    fork.end = s->terms;
    MEM_PUSH(p->forks, p->fork_count, p->fork_room, fork);
}

void trie_path_plan(struct trie_path *p, struct token_tree *s,
                    const struct answer_trie *a, const bool *admitted, int target,
                    bool with_title, const double *label)
{
    int *members = mem_new((size_t)a->count, sizeof *members), count = 0;
    const struct codes *answer = &a->list[target];
    int *wants = mem_new((size_t)answer->n, sizeof *wants), rows = 0;

    for (int i = 0; i < a->count; i++)
        if (admitted[i])
            members[count++] = i;
    p->fork_count = 0;
    p->terms_first = s->terms;
    for (int d = 0; d < answer->n; d++) {
        struct node n = { a, members, count, d };

        if (!with_title && !parts_later(&n))
            break;
        if (d > 0)
            token_tree_add(s, &answer->list[d - 1], 1);
        wants[rows++] = with_title || distinct_tokens(&n) > 1 ? token_tree_want(s) : -1;
        if (distinct_tokens(&n) > 1)
            add_fork(p, s, &n, wants[d], answer->list[d], label);
        count = group_of(&n, answer->list[d], members);
    }
    p->title_first = s->terms;
    for (int d = 0; d < rows && with_title; d++)
        token_tree_term(s, wants[d], answer->list[d], false);
    p->title_end = s->terms;
    free(members);
    free(wants);
}

struct trie_result trie_path_loss(const struct trie_path *p, const real *out,
                                  double select_share, double title_share,
                                  real *weight)
{
    struct trie_result r = { .right = true };
    int tokens = p->title_end - p->title_first;

    for (int f = 0; f < p->fork_count; f++) {
        const struct trie_step *s = &p->forks[f];
        const double *label = p->label - p->terms_first;
        double log_total = trie_log_sum(out, s->first, s->end), here = 0;

        for (int i = s->first; i < s->end; i++)
            here += label[i];
        r.select += log_total - (double)out[s->term];
        for (int i = s->first; i < s->end; i++) {
            r.soft += label[i] * (log_total - (double)out[i]);
            weight[i] += (real)(select_share * (here * exp((double)out[i] - log_total) -
                                                label[i]));
            r.right &= i == s->term || out[i] < out[s->term];
        }
    }
    for (int i = p->title_first; i < p->title_end; i++) {
        r.title -= (double)out[i] / tokens;
        weight[i] -= (real)(title_share / tokens);
    }
    return r;
}
