/* Counts the labels of each user's items, such as genres: labels to choose among, what
 * each is worth. */
#include "cli/cli.h"
#include "history/history_read.h"
#include "history/labels.h"
#include "history/sample.h"
#include "stream/filter.h"
#include "stream/names.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

static const char *column = "item.class", *separator = " ", *as = "genre";
static long user_count = 0;

static const struct opt options[] = {
    { OPT_STRING, 0, "column", &column, "text column that holds the labels" },
    { OPT_STRING, 0, "separator", &separator, "text between two labels of an item" },
    { OPT_STRING, 0, "as", &as, "name of the set of labels" },
    SAMPLE_USERS_OPTION(user_count, "count"),
    { 0 }
};

static const struct cli cli = {
    .summary = "count the labels of each user's items",
    .usage = "[FILE...]",
    .example = "label-count --users 20 data.mr > genre.mr",
    .options = options,
    .flags = CLI_SEED | CLI_ONLY,
    .footer = "Writes cand.genre.user, cand.genre.text and rel.genre, for llm-score\n"
              "--texts and metrics; and score.genre.pop, what is frequent in all\n"
              "histories.",
};

/* Users and their counts; the totals are over all users. */
struct counts {
    int32_t *user; /* (rows) */
    int rows, labels;
    float *rel, *pop; /* (rows, labels) */
};

static bool any(const float *x, int n)
{
    for (int i = 0; i < n; i++)
        if (x[i] > 0)
            return true;
    return false;
}

/* Those whose training items have a label. */
static void choose_users(struct counts *c, const struct labels *l,
                         const struct history *h)
{
    float *count = mem_new((size_t)c->labels, sizeof *count);

    c->user = mem_new((size_t)h->users + 1, sizeof *c->user);
    for (int u = 0; u < h->users; u++) {
        memset(count, 0, (size_t)c->labels * sizeof *count);
        labels_count(l, h, u, count);
        if (any(count, c->labels))
            c->user[c->rows++] = u;
    }
    free(count);
    if (c->rows == 0)
        die("no user has a training item with a label in '%s'", column);
    if (user_count > c->rows)
        die("--users %ld: only %d users have training items with labels", user_count,
            c->rows);
    if (user_count > 0)
        c->rows = sample_ids("label-count users", c->user, c->rows, (int)user_count,
                             cli_seed);
}

static void count_all(struct counts *c, const struct labels *l, const struct history *h)
{
    size_t k = (size_t)c->labels;
    float *total = mem_new(k, sizeof *total);

    c->rel = mem_new((size_t)c->rows * k, sizeof *c->rel);
    c->pop = mem_new((size_t)c->rows * k, sizeof *c->pop);
    for (int u = 0; u < h->users; u++)
        labels_count(l, h, u, total);
    for (int i = 0; i < c->rows; i++) {
        labels_count(l, h, c->user[i], c->rel + (size_t)i * k);
        memcpy(c->pop + (size_t)i * k, total, k * sizeof *total);
    }
    free(total);
}

static void put(struct filter *f, const struct counts *c, const struct labels *l)
{
    char digest[DIGEST_TEXT];
    char *names[] = { mem_format("cand.%s.user", as), mem_format("cand.%s.text", as),
                      mem_format("rel.%s", as), mem_format("score.%s.pop", as) };
    struct tensor user = tensor_view1(DT_I4, c->rows, c->user);
    struct tensor rel = tensor_view2(DT_F4, c->rows, c->labels, c->rel);
    struct tensor pop = tensor_view2(DT_F4, c->rows, c->labels, c->pop);
    const struct attr of_set[] = { { "split", "valid" }, { "column", column },
                                   { "set", digest }, { NULL, NULL } };
    const struct attr of_score[] = { { "candidates", digest }, { "by", filter_name },
                                     { NULL, NULL } };
    const struct series_out text = { names[1], NULL, &l->label, of_set };

    tensor_digest_text(&rel, digest);
    filter_put(f, names[0], &user, of_set);
    filter_put_group(f, &text, 1);
    filter_put(f, names[2], &rel, of_set);
    filter_put(f, names[3], &pop, of_score);
    for (int i = 0; i < 4; i++)
        free(names[i]);
}

/* The column's text of each item. */
static const struct texts *take_column(struct filter *f, const struct history *h)
{
    const struct texts *t;

    filter_needs(f, "column", column, "data-import");
    t = filter_texts(f, column, "data-import");
    if (t->count != h->items)
        die("'%s' has %lld rows, but 'item.id' %d", column, (long long)t->count,
            h->items);
    return t;
}

int main(int argc, char **argv)
{
    int first = cli_parse(argc, argv, &cli);
    struct counts c = { 0 };
    struct history h;
    struct labels l;
    struct filter *f;
    struct error e;

    if (!*separator)
        cli_mistake("--separator is empty");
    if (!*as || strpbrk(as, ". *") || strcmp(as, "test") == 0 || strcmp(as, "valid") == 0
        || strcmp(as, "next") == 0)
        cli_mistake("--as: '%s' is no name for a set", as);
    f = filter_open(argc, argv, first);
    history_read_keep(f);
    filter_keep(f, column);
    filter_read(f);
    history_read(f, &h);
    if (labels_new(&l, take_column(f, &h), separator, &e) < 0)
        die("'%s': %s", column, e.text);
    c.labels = (int)l.label.count;
    choose_users(&c, &l, &h);
    count_all(&c, &l, &h);
    put(f, &c, &l);
    say("%d users, %d labels of '%s'", c.rows, c.labels, column);
    filter_close(f);
    labels_free(&l);
    history_free(&h);
    free(c.user);
    free(c.rel);
    free(c.pop);
    return 0;
}
