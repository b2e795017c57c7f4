/* Scores candidates by the CF model or by popularity -> score.SPLIT.NAME */
#include "rec/candidate_set.h"
#include "rec/columns.h"
#include "stream/filter.h"
#include "tensor/blas.h"
#include "util/cli.h"
#include "util/error.h"
#include "util/mem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BY_CF, BY_POP };

static const char *const ways[] = { [BY_CF] = "cf", [BY_POP] = "pop", NULL };
static int by = BY_CF;
static const char *name = NULL;

static const struct opt options[] = {
    { OPT_CHOICE, 0, "by", &by, "item and user vectors, or training counts",
      .choices = ways },
    PART_OPTIONS,
    { OPT_STRING, 0, "as", &name, "name of the scores (default: cf or pop)" },
    { .type = OPT_END },
};

static const struct cli cli = {
    .summary = "score candidates by the collaborative-filtering model or popularity",
    .usage = "[FILE...]",
    .example = "cat data.mr cf.mr cand.mr | cf-score | cf-score --by pop | metrics",
    .options = options,
    .flags = CLI_THREADS | CLI_ONLY,
};

/* What a scorer needs of one split; vectors NULL for popularity. */
struct scoring {
    const float *item_vector; /* (items, width) */
    const float *user_vector; /* (users, width) */
    int64_t items, users, width;
    int64_t *count;           /* (items) */
    struct candidate_set set;
};

/* Vectors of different training runs must not meet. */
static void check_weights(struct filter *f, const char *user_name)
{
    const char *item = filter_attr(f, "item.cf", "weights");
    const char *user = filter_attr(f, user_name, "weights");

    if (item && user && strcmp(item, user) != 0)
        die("'item.cf' is of weights %s, '%s' of %s: run cf-embed again", item, user_name,
            user);
}

static void read_vectors(struct filter *f, struct scoring *s, const char *split)
{
    char *user_name = mem_format("user.cf.%s", split);
    const struct tensor *item = filter_tensor(f, "item.cf", DT_F4, 2, "cf-embed"), *user;

    s->items = item->shape[0];
    s->width = item->shape[1];
    s->item_vector = item->data;
    user = filter_tensor_sized(f, user_name, DT_F4, -1, s->width, "cf-embed");
    s->users = user->shape[0];
    s->user_vector = user->data;
    check_weights(f, user_name);
    free(user_name);
}

static void read_counts(struct filter *f, struct scoring *s)
{
    struct history h;

    columns_history(f, &h);
    s->count = history_popularity(&h);
    s->items = h.items;
    s->users = h.users;
    history_free(&h);
}

static float dot(const float *a, const float *b, int64_t n)
{
    float sum = 0;

#pragma omp simd reduction(+ : sum)
    for (int64_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

static float score_one(const struct scoring *s, int user, int item)
{
    if (item < 0)
        return NAN;
    if (s->count)
        return (float)s->count[item];
    return dot(s->user_vector + user * s->width, s->item_vector + item * s->width,
               s->width);
}

static void put_scores(struct filter *f, const struct scoring *s, const char *split)
{
    char *out = mem_format("score.%s.%s", split, name ? name : ways[by]);
    struct attr attrs[] = { { "candidates", s->set.digest },
                            { "by", program_name },
                            { NULL, NULL } };
    const struct candidate_set *c = &s->set;
    struct tensor t = tensor_new2(DT_F4, c->rows, c->columns);
    float *score = t.data;

#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < c->rows; i++)
        for (int64_t j = 0; j < c->columns; j++)
            score[i * c->columns + j] =
                score_one(s, c->user[i], c->item[i * c->columns + j]);
    part_put(f, &c->part, out, &t, attrs);
    tensor_free(&t);
    free(out);
}

static void score_split(struct filter *f, const char *split)
{
    struct scoring s = { 0 };

    if (by == BY_CF)
        read_vectors(f, &s, split);
    else
        read_counts(f, &s);
    candidate_set_take(&s.set, f, split, s.users, s.items);
    put_scores(f, &s, split);
    free(s.count);
}

static void keep(struct filter *f)
{
    static const char *const names[] = { "cand.test.*", "cand.valid.*" };
    static const char *const vectors[] = { "item.cf", "user.cf.test", "user.cf.valid" };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        filter_keep(f, names[i]);
    for (size_t i = 0; by == BY_CF && i < sizeof vectors / sizeof *vectors; i++)
        filter_keep(f, vectors[i]);
    if (by == BY_POP)
        columns_keep(f);
}

int main(int argc, char **argv)
{
    int first = cli_parse(argc, argv, &cli);
    struct filter *f;

    if (name && !*name)
        cli_mistake("--as: the name is empty");
    part_parse();
    blas_start(argv);
    f = filter_open(argc, argv, first);
    part_open(f);
    keep(f);
    filter_read(f);
    if (!part_fragment && !part_has(f, "cand.valid.user") && !part_has(f, "cand.test.user"))
        die("no 'cand.test.user' in the input: run cand-sample first");
    if (part_has(f, "cand.valid.user"))
        score_split(f, "valid");
    if (part_has(f, "cand.test.user"))
        score_split(f, "test");
    filter_close(f);
    return STATUS_DONE;
}
