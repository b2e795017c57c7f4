#include "project/scored_split.h"

#include "cli/cli.h"
#include "history/label_set.h"
#include "stream/row_part.h"
#include "util/mem.h"
#include "util/rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* (users, width), NULL without users. */
static const struct tensor *vectors_of(struct filter *f, const char *name,
                                       const struct stage2_data *d, bool users)
{
    char *of = mem_format("user.cf.%s", name);
    const struct tensor *t = NULL;

    if (users)
        t = filter_tensor_sized(f, of, DT_F4, d->history.users, d->user_in, "cf-embed");
    free(of);
    return t;
}

bool scored_split_candidates(struct scored_split *s, struct filter *f, int split,
                             const struct stage2_data *d, bool users)
{
    const char *name = split_names[split];
    char *user = mem_format("cand.%s.user", name);
    bool there = row_part_has(f, user);

    free(user);
    *s = (struct scored_split){ .name = name, .is_next = split == SPLIT_NEXT };
    s->split = s->is_next ? SPLIT_TEST : (enum split)split;
    if (!there)
        return false;
    candidate_set_take(&s->set, f, name, d->history.users, d->stage2.item_count);
    s->vectors = vectors_of(f, name, d, users);
    s->score = tensor_new2(DT_F4, s->set.rows, s->set.columns);
    return true;
}

/* Each row has all labels as its items. */
static void take_labels(struct scored_split *s, const struct label_set *labels)
{
    int64_t cells;

    s->set = (struct candidate_set){ .part = labels->part, .user = labels->user,
                                     .rows = labels->part.count,
                                     .columns = labels->label->count };
    strcpy(s->set.digest, labels->digest);
    cells = s->set.rows * s->set.columns;
    s->own = mem_new((size_t)cells + 1, sizeof *s->own);
    for (int64_t i = 0; i < cells; i++)
        s->own[i] = (int32_t)(i % s->set.columns);
    s->set.item = s->own;
}

void scored_split_texts(struct scored_split *s, struct filter *f, const char *name,
                        struct stage2_data *d, bool users)
{
    char *of = mem_format("cand.%s.user", name);
    struct label_set labels;

    *s = (struct scored_split){ .split = SPLIT_VALID, .name = name };
    if (!d->template.answer)
        die("the template has no 'answer:', and texts are chosen by their answers");
    filter_needs(f, "texts", of, "label-count");
    label_set_take(&labels, f, name, d->history.users);
    d->stage2.prompter.choices = labels.label;
    take_labels(s, &labels);
    s->vectors = vectors_of(f, split_names[SPLIT_VALID], d, users);
    s->score = tensor_new2(DT_F4, s->set.rows, s->set.columns);
    free(of);
}

void scored_split_mark_pads(struct scored_split *s)
{
    for (int64_t i = 0; i < s->set.rows * s->set.columns; i++)
        if (s->set.item[i] < 0)
            ((float *)s->score.data)[i] = NAN;
}

void scored_split_free(struct scored_split *s)
{
    tensor_free(&s->score);
    free(s->own);
}

/* The columns that hold a candidate, into order; returns how many there are. */
static int own_order(int *order, const int32_t *items, int columns)
{
    int n = 0;

    for (int i = 0; i < columns; i++)
        if (items[i] >= 0)
            order[n++] = i;
    return n;
}

void row_request_open(struct row_request *r, const struct stage2_data *d,
                      const struct scored_split *s, int64_t row, int64_t order)
{
    int k = (int)s->set.columns, user = s->set.user[row], n;
    const int32_t *items = s->set.item + row * k;
    rng g = rng_keyed("llm-score order", cli_seed, (uint64_t)order, (uint64_t)user);

    r->order = mem_new((size_t)k, sizeof *r->order);
    r->candidate = mem_new((size_t)k, sizeof *r->candidate);
    n = own_order(r->order, items, k);
    if (order > 0 || s->is_next)
        rng_shuffle(&g, r->order, n);
    for (int i = 0; i < n; i++)
        r->candidate[i] = items[r->order[i]];
    r->request = (struct stage2_request){
        .example = stage2_example(d, user, s->is_next ? SPLIT_NEXT : (int)s->split,
                                  s->vectors),
        .split = s->split, .candidate = r->candidate, .count = n,
        .score = mem_new((size_t)k, sizeof(double)),
    };
}

void row_request_free(struct row_request *r)
{
    free(r->order);
    free(r->candidate);
    free(r->request.score);
}
