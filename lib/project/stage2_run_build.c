/* The prompts of one list, as rows for the language model. */
#include "project/stage2_run_parts.h"

#include "project/mixed_items.h"
#include "util/mem.h"
#include "util/rng.h"

#include <math.h>
#include <stdlib.h>

/* The own parts (examples) of all prompts of the list; -1 and the reason. */
static int own_parts(struct stage2_job *j, const struct stage2 *s, struct codes *own,
                     int shared, int longest)
{
    const struct slate *l = j->list;

    for (int i = 0; i < l->examples; i++) {
        int dropped = stage2_user_prompt(&own[i], s, &l->example[i], SPLIT_TRAIN,
                                         l->candidate, l->count, shared + longest,
                                         &j->error);

        if (dropped < 0)
            return -1;
        if (shared + own[i].n == 0)
            return fail(&j->error, "the prompt is empty");
        j->dropped += dropped;
    }
    return 0;
}

static int draw(rng *r, const double *p, int count)
{
    double left = rng_uniform(r);
    int last = 0;

    for (int c = 0; c < count; c++)
        if (p[c] > 0) {
            last = c;
            left -= p[c];
            if (left < 0)
                break;
        }
    return last;
}

/* A share soft_labels of the examples are lessons, whose hypothesis any admitted
 * candidate may be. */
static struct stage2_lesson lesson_of(const struct stage2 *s, const struct slate *l,
                                      int i)
{
    struct stage2_lesson lesson = { 0, l->target_at[i] };
    const bool *admitted = l->admitted + (long)i * l->count;
    rng r = rng_keyed("stage2 lesson", l->mix, (uint64_t)i, 0);
    bool own = rng_uniform(&r) < s->soft_labels;
    struct guess g = s->guess;
    double *p;

    if (!g.each || !l->example[i].x)
        return lesson;
    p = mem_new((size_t)l->count, sizeof *p);
    g.temperature[0] = own ? INFINITY : g.temperature[0];
    guess_belief(p, &g, &l->example[i], l->candidate, admitted, l->count);
    lesson.hypothesis = draw(&r, p, l->count);
    lesson.target = own ? lesson.hypothesis : lesson.target;
    free(p);
    return lesson;
}

/* Fills label (count) for example i of the list; NULL where the target alone is right. */
static const double *labels(double *label, const struct stage2 *s, const struct slate *l,
                            int i)
{
    if (s->soft_labels <= 0 || s->guess.count == 0 || s->guess.each || !l->example[i].x)
        return NULL;
    guess_labels(label, &s->guess, &l->example[i], l->candidate,
                 l->admitted + (long)i * l->count, l->count, l->target_at[i],
                 s->soft_labels);
    return label;
}

/* The shared part once, with what all own parts begin with, and below it the rest of each
 * example's own with its target's answer.
 * Where an own part is empty, its answer hangs on the last shared row: that one then
 * goes to each of them instead, so that there is a row of their own to ask. */
static void assemble(struct stage2_job *j, const struct stage2 *s,
                     const struct codes *shared, const struct codes *own,
                     const struct answer_trie *a, bool with_title)
{
    const struct slate *l = j->list;
    double *label = mem_new((size_t)l->count, sizeof *label);
    int tail = 0, parent = -1, common = codes_common(own, l->examples);

    for (int i = 0; i < l->examples; i++)
        tail |= own[i].n == 0;
    if (shared->n + common > tail) {
        parent = token_tree_open(&j->q, -1);
        token_tree_add(&j->q, shared->list, shared->n - tail);
        token_tree_add(&j->q, own[0].list, common);
    }
    for (int i = 0; i < l->examples; i++) {
        j->user_of[token_tree_open(&j->q, parent)] = i;
        if (tail)
            token_tree_add(&j->q, shared->list + shared->n - 1, 1);
        token_tree_add(&j->q, own[i].list + common, own[i].n - common);
        trie_path_plan(&j->paths[i], &j->q, a, l->admitted + (long)i * l->count,
                       j->lesson[i].target, with_title, labels(label, s, l, i));
    }
    free(label);
}

int stage2_run_build(struct stage2_job *j, const struct stage2 *s, bool with_title)
{
    const struct slate *l = j->list;
    struct codes shared = { 0 }, *own = mem_new((size_t)l->examples, sizeof *own);
    struct answer_trie answers = { 0 };
    int result;

    j->paths = mem_new((size_t)l->examples, sizeof *j->paths);
    j->lesson = mem_new((size_t)l->examples, sizeof *j->lesson);
    for (int i = 0; i < l->examples; i++)
        j->lesson[i] = lesson_of(s, l, i);
    j->user_of = mem_new((size_t)l->examples + 1, sizeof *j->user_of);
    result = answer_trie_build(&answers, &s->prompter, l->candidate, l->count, &j->error);
    if (result == 0)
        result = prompt_shared(&shared, &s->prompter, l->candidate, l->count, &j->error);
    if (result == 0)
        result = own_parts(j, s, own, shared.n, answer_trie_longest(&answers));
    if (result == 0) {
        assemble(j, s, &shared, own, &answers, with_title);
        mixed_items_codes(s, l->mix, j->q.code, j->q.rows);
    }
    for (int i = 0; i < l->examples; i++)
        codes_free(&own[i]);
    free(own);
    answer_trie_free(&answers);
    codes_free(&shared);
    return result;
}

void stage2_run_free(struct stage2_job *j)
{
    for (int i = 0; j->paths && i < j->list->examples; i++)
        trie_path_free(&j->paths[i]);
    free(j->paths);
    free(j->lesson);
    free(j->user_of);
    token_tree_free(&j->q);
}
