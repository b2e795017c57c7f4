#include "project/title_search_parts.h"

#include "project/soft_tokens.h"
#include "util/mem.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

/* What the model is asked about one open node: the tokens up to where titles part, and
 * the tokens that go on from there. */
struct asked {
    struct title_node fork; /* the node itself, or where its titles part below it */
    int chain, forks;       /* first terms of the two */
    int end;                /* the term behind them */
};

struct pack {
    struct title_walk *w;
    const struct title_open *nodes; /* (count) by their places */
    struct token_tree q;
    struct asked *asked;            /* (count) */
};

static int compare_places(const void *a, const void *b)
{
    const struct title_open *x = a, *y = b;

    return (x->node.first > y->node.first) - (x->node.first < y->node.first);
}

/* Is *below all that is left of n?  Then nothing parts here. */
static bool goes_one_way(struct title_node *below, const struct title_node *n,
                         const struct title_walk *w)
{
    return title_node_child(below, n, n->first, w->t->trie, &w->cut) &&
           title_cut_left(&w->cut, below->first, below->end) ==
               title_cut_left(&w->cut, n->first, n->end);
}

static void add_token(struct pack *p, int place, int depth)
{
    int token = title_trie_token(p->w->t->trie, place, depth);

    token_tree_add(&p->q, &token, 1);
}

/* Asks for the tokens that go on from the last row, of the fork's children. */
static void ask_fork(struct pack *p, struct asked *a)
{
    const struct title_trie *t = p->w->t->trie;
    struct title_node child;
    int want = -1;

    for (int from = a->fork.first;
         title_node_child(&child, &a->fork, from, t, &p->w->cut); from = child.end) {
        if (want < 0)
            want = token_tree_want(&p->q);
        token_tree_term(&p->q, want, title_trie_token(t, child.first, a->fork.depth),
                        p->w->t->norm == NORM_CHOICE);
    }
}

/* Node i, whose first `depth` tokens are read. */
static void add_node(struct pack *p, int i, int depth)
{
    struct asked *a = &p->asked[i];
    struct title_node n = p->nodes[i].node, below;
    bool asks = p->w->t->norm == NORM_SUM;

    for (int d = depth; d < n.depth; d++)
        add_token(p, n.first, d);
    a->chain = p->q.terms;
    while (goes_one_way(&below, &n, p->w)) {
        int token = title_trie_token(p->w->t->trie, below.first, n.depth);

        if (asks)
            token_tree_term(&p->q, token_tree_want(&p->q), token, false);
        n = below;
        if (title_node_is_one(&n, p->w->t->trie, &p->w->cut) &&
            title_trie_token(p->w->t->trie, n.first, n.depth) < 0)
            break; /* the last token of a title is not read */
        token_tree_add(&p->q, &token, 1);
    }
    a->fork = n;
    a->forks = p->q.terms;
    ask_fork(p, a);
    a->end = p->q.terms;
}

/* Nodes [from, to), whose first `depth` tokens are read, the last of them in
 * `segment`. */
static void add_nodes(struct pack *p, int from, int to, int depth, int segment)
{
    const struct title_trie *t = p->w->t->trie;
    int first = p->nodes[from].node.first, last = p->nodes[to - 1].node.first;
    int common = title_trie_common(t, first, last);

    if (to - from == 1) {
        if (p->nodes[from].node.depth > depth)
            token_tree_open(&p->q, segment);
        add_node(p, from, depth);
        return;
    }
    if (common > depth)
        segment = token_tree_open(&p->q, segment);
    for (int d = depth; d < common; d++)
        add_token(p, first, d);
    for (int i = from; i < to;) {
        int end = i + 1;

        while (end < to && title_trie_token(t, p->nodes[end].node.first, common) ==
                               title_trie_token(t, p->nodes[i].node.first, common))
            end++;
        add_nodes(p, i, end, common, segment);
        i = end;
    }
}

/* What the model says to the terms of the pack; out (terms). */
static void run(const struct pack *p, real *out)
{
    const struct title_walk *w = p->w;
    const struct stage2 *s = w->t->s;
    const struct decoder *m = s->llm->model;
    const float *x = w->request->example.x;
    real *embeddings = mem_new((size_t)p->q.rows * (size_t)decoder_config(m)->embed_width,
                               sizeof *embeddings);
    int *user_of = mem_new((size_t)p->q.segments, sizeof *user_of);
    struct decoder_workspace *workspace =
        decoder_pool_take(s->workspaces, m, p->q.rows, p->q.wanted + 1, false);
    struct decoder_pack pack = token_tree_pack(&p->q, embeddings);
    struct soft_tokens tokens;
    struct soft_batch soft;

    soft_tokens_begin(&soft, s);
    soft_tokens_collect(&soft, &p->q);
    soft_tokens_project(&soft, &x, x ? 1 : 0);
    tokens = soft_tokens(&soft, 0);
    token_tree_embed(embeddings, &p->q, m, &tokens, user_of);
    decoder_forward(m, &pack, workspace);
    decoder_logp(m, workspace, p->q.term, p->q.terms, out);
    decoder_pool_give(s->workspaces, workspace);
    soft_tokens_free(&soft);
    free(embeddings);
    free(user_of);
}

/* Titles that end at the fork, and its children. */
static void take_node(struct title_walk *w, const struct asked *a, double score,
                      const real *out)
{
    const struct title_trie *t = w->t->trie;
    double total = 0; /* of logits; out of NORM_SUM is the log of probabilities */
    struct title_node child, ended = a->fork;
    int term = a->forks;

    if (w->t->norm == NORM_CHOICE)
        total = trie_log_sum(out, a->forks, a->end);
    for (int i = a->chain; i < a->forks; i++)
        score += (double)out[i];
    for (ended.end = ended.first; ended.end < a->fork.end &&
                                  title_trie_token(t, ended.end, a->fork.depth) < 0;)
        ended.end++;
    title_walk_find(w, &ended, score);
    for (int from = a->fork.first; title_node_child(&child, &a->fork, from, t, &w->cut);
         from = child.end)
        title_walk_open(w, &child, score + (double)out[term++] - total);
}

static int check_finite(struct title_walk *w, const real *out, int terms)
{
    for (int i = 0; i < terms; i++)
        if (!(fabs((double)out[i]) <= (double)FLT_MAX))
            return fail(&w->error, "user %d: a title's score is no finite number: the "
                        "model overflows with these vectors and 'proj.*'",
                        w->request->example.user);
    return 0;
}

int title_search_read(struct title_walk *w, struct title_open *nodes, int count)
{
    struct pack p = { .w = w, .nodes = nodes };
    real *out;
    int result;

    p.asked = mem_new((size_t)count, sizeof *p.asked);
    qsort(nodes, (size_t)count, sizeof *nodes, compare_places);
    token_tree_open(&p.q, -1);
    token_tree_add(&p.q, w->prompt.list, w->prompt.n);
    add_nodes(&p, 0, count, 0, 0);
    out = mem_new((size_t)p.q.terms, sizeof *out);
    run(&p, out);
    result = check_finite(w, out, p.q.terms);
    for (int i = 0; i < count && result == 0; i++)
        take_node(w, &p.asked[i], nodes[i].score, out);
    w->request->rows += p.q.rows;
    w->request->rounds++;
    free(out);
    free(p.asked);
    token_tree_free(&p.q);
    return result;
}
