#include "score/fuse_read.h"

#include "cand/truth.h"
#include "history/history_read.h"
#include "score/scores.h"
#include "util/error.h"
#include "util/mem.h"

#include <math.h>
#include <stdlib.h>

bool fuse_split_has(struct filter *f, const char *split, char *const *name, int parts)
{
    bool found = false;

    for (int i = 0; i < parts; i++) {
        char *score = mem_format("score.%s.%s", split, name[i]);

        found |= filter_has(f, score);
        free(score);
    }
    return found;
}

static void check_numbers(const char *score, const float *x, const struct fuse *set)
{
    for (int64_t i = 0; i < set->users * set->columns; i++)
        if (set->item[i] >= 0 && isinf(x[i]))
            die("'%s': row %lld: score %g, expected finite numbers", score,
                (long long)(i / set->columns), (double)x[i]);
}

static const float *take_part(struct filter *f, const struct fuse_split *s,
                              const char *name)
{
    char *score = mem_format("score.%s.%s", s->split, name);
    const float *x = scores_take(f, score, s->item);

    if (!x)
        die("no '%s' in the input: run its scorer on the %s candidates too, or name the "
            "scorers to combine with --of", score, s->split);
    check_numbers(score, x, &s->set);
    free(score);
    return x;
}

void fuse_split_take(struct fuse_split *s, struct filter *f, const char *split,
                     char *const *name, int parts)
{
    char *user = mem_format("cand.%s.user", split);
    char *item = mem_format("cand.%s.item", split);
    struct fuse *set = &s->set;

    s->split = split;
    s->item = filter_tensor(f, item, DT_I4, 2, "cand-sample");
    *set = (struct fuse){ .users = s->item->shape[0], .columns = (int)s->item->shape[1],
                          .parts = parts, .item = s->item->data };
    s->user = filter_tensor_sized(f, user, DT_I4, set->users, 0, "cand-sample")->data;
    if (set->users == 0)
        die("'%s' holds no users", user);
    set->score = mem_new((size_t)parts, sizeof *set->score);
    for (int i = 0; i < parts; i++)
        set->score[i] = take_part(f, s, name[i]);
    fuse_standardise(set);
    free(user);
    free(item);
}

void fuse_split_free(struct fuse_split *s)
{
    free(s->set.score);
    free(s->set.z);
}

int *fuse_split_truth(const struct fuse_split *s, struct filter *f)
{
    struct truth_rows rows = { SPLIT_VALID, s->set.users, s->set.columns, s->user,
                               s->set.item };
    struct truth t;
    struct history h;
    struct error e;

    history_read(f, &h);
    if (truth_find(&t, &rows, &h, filter_texts(f, "user.id", "data-import"), &e) < 0)
        die("%s", e.text);
    history_free(&h);
    free(t.item);
    return t.column;
}
