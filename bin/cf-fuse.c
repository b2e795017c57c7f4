/* Several CF-level scorers made one, by weights found on validation -> item.fused */
#include "cand/candidate_set.h"
#include "cand/truth.h"
#include "cli/cli.h"
#include "history/history_read.h"
#include "nn/blas.h"
#include "score/item_blend.h"
#include "stream/filter.h"
#include "util/error.h"
#include "util/mem.h"
#include "util/near.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *of = "cf,joint,joint-text,text-history,pop";
static double l2 = 1;

static const struct opt options[] = {
    { OPT_STRING, 0, "of", &of, "scorers A,B,... of cf-score --by that are added up" },
    { OPT_REAL, 0, "l2", &l2, "penalty on large weights", .low = 1e-6, .high = 1e9 },
    { .type = OPT_END },
};

static const struct cli cli = {
    .summary = "add up CF-level scorers by weights found on validation",
    .usage = "[FILE...]",
    .example = "cat data.mr cf.mr text.mr align.mr | cand-sample --for valid,test |\n"
               "      cf-fuse | cf-score --by fused | cf-score |\n"
               "      metrics --compare fused,cf",
    .options = options,
    .flags = CLI_THREADS | CLI_ONLY,
};

struct parts {
    enum item_scorer_by by[BLEND_PARTS];
    struct item_scorer scorer[BLEND_PARTS];
    struct item_scorer joint_text; /* of items that no training has seen */
    int count;
};

static int find_scorer(const char *name, size_t length)
{
    for (int i = 0; i < ITEM_MODELS; i++)
        if (strlen(item_scorer_names[i]) == length &&
            strncmp(item_scorer_names[i], name, length) == 0)
            return i;
    return -1;
}

static void add_part(struct parts *p, const char *name, size_t length)
{
    int by = find_scorer(name, length);
    struct error e;

    if (by < 0 || by == BY_FUSED) {
        fail(&e, "--of: '%.*s' is no scorer that can be added up", (int)length, name);
        if (by < 0)
            near_hint(&e, name, length, item_scorer_names);
        cli_mistake("%s", e.text);
    }
    for (int i = 0; i < p->count; i++)
        if (p->by[i] == (enum item_scorer_by)by)
            cli_mistake("--of: '%.*s' is named twice", (int)length, name);
    p->by[p->count++] = (enum item_scorer_by)by;
}

static void parse_parts(struct parts *p)
{
    for (const char *at = of;; at++) {
        size_t length = strcspn(at, ",");

        add_part(p, at, length);
        at += length;
        if (!*at)
            return;
    }
}

/* Are unseen items to be scored by their q? */
static bool has_joint_text(const struct parts *p)
{
    for (int i = 0; i < p->count; i++)
        if (p->by[i] == BY_JOINT_TEXT || p->by[i] == BY_AUTO)
            return true;
    return false;
}

static void keep(struct filter *f, const struct parts *p)
{
    const char *users = split_vectors[SPLIT_VALID];

    history_read_keep(f);
    filter_keep(f, "cand.valid.*");
    filter_keep(f, "item.cf");
    for (int i = 0; i < p->count; i++) {
        item_scorer_keep(f, p->by[i]);
        item_scorer_keep_users(f, p->by[i], users);
    }
    filter_replace(f, "item.fused");
}

static void load_part(struct item_scorer *m, struct filter *f, const struct history *h,
                      enum item_scorer_by by)
{
    item_scorer_load(m, f, by);
    item_scorer_users(m, f, split_vectors[SPLIT_VALID]);
    item_scorer_check_sizes(m, h->items, h->users);
    if (by != BY_POP && !m->is_dot)
        die("the scores of --of %s are no dot products, which alone can be added up",
            item_scorer_names[by]);
}

/* The width of the vectors, which all parts must have. */
static int64_t load(struct parts *p, struct filter *f, const struct history *h)
{
    int64_t width = 0;

    for (int i = 0; i < p->count; i++) {
        load_part(&p->scorer[i], f, h, p->by[i]);
        if (!item_scorer_is_of_cf(p->by[i]))
            continue;
        if (width > 0 && p->scorer[i].width != width)
            die("vectors of %lld and of %lld numbers: cf-embed and align-train once more",
                (long long)width, (long long)p->scorer[i].width);
        width = p->scorer[i].width;
    }
    if (width == 0)
        cli_mistake("--of: none of these is a score by the CF model's vectors of users");
    if (has_joint_text(p))
        load_part(&p->joint_text, f, h, BY_JOINT_TEXT);
    return width;
}

static void fit(struct item_blend *b, struct filter *f, const struct history *h)
{
    struct candidate_set set;
    struct blend_lists lists;
    struct truth_rows rows;
    struct truth truth;
    struct error e;

    candidate_set_take(&set, f, split_names[SPLIT_VALID], h->users, h->items);
    rows = (struct truth_rows){ SPLIT_VALID, set.rows, (int)set.columns, set.user,
                                set.item };
    if (truth_find(&truth, &rows, h, filter_texts(f, "user.id", "data-import"), &e) < 0)
        die("%s", e.text);
    lists = (struct blend_lists){ set.rows, (int)set.columns, set.user, set.item,
                                  truth.column };
    if (item_blend_fit(b, &lists, l2, &e) < 0)
        die("%s", e.text);
    truth_free(&truth);
}

/* "cf=0.6,joint=0.4", what a sum is made of. */
static char *weights_text(const struct item_scorer *const *part, const double *weight,
                          int parts)
{
    char *text = mem_string("");

    for (int i = 0; i < parts; i++) {
        char *longer = mem_format("%s%s%s=%.6g", text, i > 0 ? "," : "",
                                  item_scorer_names[part[i]->by], weight[i]);

        free(text);
        text = longer;
    }
    return text;
}

static void say_unseen(const struct item_blend *b, const int64_t *count, int items)
{
    char *weights = weights_text(b->unseen, b->unseen_weight, b->unseens);
    long long unseen = 0;

    for (int i = 0; i < items; i++)
        unseen += count[i] == 0;
    if (b->unseens > 0 && unseen > 0)
        say("%lld items without a training interaction: %s%+.6g", unseen, weights,
            b->constant);
    free(weights);
}

static void write_rows(struct filter *f, const struct item_blend *b,
                       const struct history *h, int64_t width)
{
    const struct item_scorer *history = item_blend_history(b);
    char *weights = weights_text(b->part, b->weight, b->parts), cf[DIGEST_TEXT];
    char *text_width = mem_format("%lld", (long long)(history ? history->width : 0));
    int64_t *count = history_popularity(h);
    struct tensor t = tensor_new2(DT_F4, h->items, item_blend_columns(b, width));
    struct attr attrs[4] = { { "weights", weights } };
    int n = 1;

    item_blend_rows(t.data, b, count, h->items, width);
    if (filter_has(f, "item.cf")) {
        tensor_digest_text(filter_tensor(f, "item.cf", DT_F4, 2, "cf-embed"), cf);
        attrs[n++] = (struct attr){ "item.cf", cf };
    }
    if (history)
        attrs[n++] = (struct attr){ "text_width", text_width };
    filter_put(f, "item.fused", &t, attrs);
    say("%s", weights);
    say_unseen(b, count, h->items);
    tensor_free(&t);
    free(count);
    free(text_width);
    free(weights);
}

/* The parts, and what unseen items are scored by. */
static struct item_blend blend_of(const struct parts *p)
{
    struct item_blend b = { .parts = p->count };
    const struct item_scorer *history;

    for (int i = 0; i < p->count; i++)
        b.part[i] = &p->scorer[i];
    history = item_blend_history(&b);
    if (has_joint_text(p))
        b.unseen[b.unseens++] = &p->joint_text;
    if (history)
        b.unseen[b.unseens++] = history;
    return b;
}

int main(int argc, char **argv)
{
    int first = cli_parse(argc, argv, &cli);
    struct parts parts = { .count = 0 };
    struct item_blend blend;
    struct history h;
    struct filter *f;
    int64_t width;

    parse_parts(&parts);
    blas_start(argv);
    f = filter_open(argc, argv, first);
    keep(f, &parts);
    filter_read(f);
    history_read(f, &h);
    width = load(&parts, f, &h);
    blend = blend_of(&parts);
    fit(&blend, f, &h);
    write_rows(f, &blend, &h, width);
    for (int i = 0; i < parts.count; i++)
        item_scorer_free(&parts.scorer[i]);
    item_scorer_free(&parts.joint_text);
    history_free(&h);
    filter_close(f);
    return STATUS_DONE;
}
