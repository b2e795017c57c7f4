/* Combines scores of the same candidates into one, with weights found on validation. */
#include "cli/cli.h"
#include "history/history_read.h"
#include "score/fuse_read.h"
#include "score/logit.h"
#include "score/scores.h"
#include "stream/filter.h"
#include "util/error.h"
#include "util/mem.h"
#include "util/near.h"

#include <stdlib.h>
#include <string.h>

#define SCORED "cand-sample --for | cf-score" /* what makes scores of validation, too */

enum { BY_WEIGHTS, BY_RANKS, BY_LOGIT };

static const char *const ways[] = { [BY_WEIGHTS] = "weights", [BY_RANKS] = "rrf",
                                    [BY_LOGIT] = "logistic", NULL };

static int how = BY_WEIGHTS;
static const char *of = "", *name = "fused", *on = "ndcg@10", *weights = "";
static double rank_constant = 60, l2 = 1;
static long steps = 20;

static const struct opt options[] = {
    { OPT_STRING, 0, "of", &of, "scorers A,B,... to combine (default: all)" },
    { OPT_STRING, 0, "as", &name, "name of the scores" },
    { OPT_CHOICE, 0, "how", &how,
      "sum of standardised scores, of reciprocal ranks, or conditional logit",
      .choices = ways },
    { OPT_STRING, 0, "on", &on, "weights: metric on validation that finds the weights" },
    { OPT_INT, 0, "steps", &steps, "weights: all weights are multiples of 1/N",
      1, 1000, NULL, 0 },
    { OPT_REAL, 0, "l2", &l2, "logistic: penalty on large weights", 1e-6, 1e9, NULL, 0 },
    { OPT_REAL, 'k', "k", &rank_constant, "rrf: number that is added to every rank",
      0, 1e9, NULL, 0 },
    { OPT_STRING, 0, "weights", &weights,
      "take these weights, A=X,B=Y,..., and find none" },
    { .type = OPT_END },
};

static const struct cli cli = {
    .summary = "combine scores of the same candidates, by weights found on validation",
    .usage = "[FILE...]",
    .example = "cand-sample --for valid,test data.mr | cat - cf.mr | cf-score |\n"
               "      cf-score --by pop | score-fuse | metrics --compare fused,cf,pop",
    .options = options,
    .flags = CLI_THREADS | CLI_ONLY,
};

/* The parts' names, and their weights where they have any. */
struct parts {
    char **name;
    double *weight; /* NULL: none */
    int count, room;
};

static void add_part(struct parts *p, const char *part, size_t length)
{
    char *copy = mem_format("%.*s", (int)length, part);

    for (int i = 0; i < p->count; i++)
        if (strcmp(p->name[i], copy) == 0)
            cli_mistake("'%s' is named twice", copy);
    if (!*copy)
        cli_mistake("'%s' has an empty name", *of ? of : weights);
    MEM_PUSH(p->name, p->count, p->room, copy);
}

/* "cf=.6,llm=.4" */
static void parse_weights(struct parts *p)
{
    char *copy = mem_string(weights), *rest = copy, *part;
    double *weight = mem_new(strlen(weights) + 1, sizeof *weight);

    while ((part = strsep(&rest, ","))) {
        char *equals = strrchr(part, '=');

        if (!equals)
            cli_mistake("--weights: '%s' is not NAME=NUMBER", part);
        add_part(p, part, (size_t)(equals - part));
        weight[p->count - 1] = cli_real("weights", equals + 1, -1e9, 1e9);
    }
    p->weight = weight;
    free(copy);
}

static void parse_names(struct parts *p)
{
    const char *at = of;

    if (*of && *weights)
        cli_mistake("--weights names the scorers: it does not go with --of");
    if (how == BY_RANKS && *weights)
        cli_mistake("--how rrf has no weights");
    if (*weights)
        parse_weights(p);
    while (*of) {
        size_t length = strcspn(at, ",");

        add_part(p, at, length);
        if (!at[length])
            break;
        at += length + 1;
    }
}

/* Without names: every scorer of the stream, but for one of the name that is written. */
static void find_names(struct parts *p, struct filter *f)
{
    for (int s = SPLIT_VALID; s <= SPLIT_NEXT; s++)
        for (int i = 0; scores_name(f, split_names[s], i); i++) {
            const char *scorer = scores_scorer(scores_name(f, split_names[s], i));
            bool known = strcmp(scorer, name) == 0;

            for (int n = 0; n < p->count; n++)
                known |= strcmp(p->name[n], scorer) == 0;
            if (!known)
                add_part(p, scorer, strlen(scorer));
        }
    if (p->count == 0)
        die("no 'score.*' in the input: run cf-score or llm-score first%s",
            filter_pipe(f, SCORED, NULL));
}

/* out (users, columns), free with free(). */
static float *fuse(const struct fuse *set, const struct parts *p)
{
    float *out = mem_new((size_t)(set->users * set->columns), sizeof *out);

    if (how == BY_RANKS)
        fuse_reciprocal(out, set, rank_constant);
    else
        fuse_weighted(out, set, p->weight);
    return out;
}

/* "cf=0.6,llm=0.4"; the weights become exactly what that says. */
static char *weights_text(const struct parts *p)
{
    char *text = mem_string("");

    for (int i = 0; i < p->count; i++) {
        char *longer = mem_format("%s%s%s=%.6g", text, i > 0 ? "," : "", p->name[i],
                                  p->weight[i]);

        p->weight[i] = strtod(strrchr(longer, '=') + 1, NULL);
        free(text);
        text = longer;
    }
    return text;
}

/* What the weights are worth on the candidates that they were found on. */
static void say_values(const struct fuse *set, const struct parts *p, const int *truth,
                       struct metric metric)
{
    float *fused = fuse(set, p);
    char *text = mem_format("%s on validation: %s %.4f", on, name,
                            fuse_value(set, fused, truth, metric));

    for (int i = 0; i < p->count; i++) {
        char *longer = mem_format("%s, %s %.4f", text, p->name[i],
                                  fuse_value(set, set->score[i], truth, metric));

        free(text);
        text = longer;
    }
    say("--weights %s", weights);
    say("%s", text);
    free(text);
    free(fused);
}

static void find_weights(struct filter *f, struct parts *p, struct metric metric)
{
    struct fuse_split s;
    const struct fuse *set = &s.set;
    int *truth;

    if (!scores_has(f, split_names[SPLIT_VALID]))
        die("no 'score.valid.*' in the input, on which the weights are found: score the "
            "candidates of cand-sample --for valid,test%s", filter_pipe(f, SCORED, NULL));
    fuse_split_take(&s, f, split_names[SPLIT_VALID], p->name, p->count);
    truth = fuse_split_truth(&s, f);
    p->weight = mem_new((size_t)p->count, sizeof *p->weight);
    if (how == BY_WEIGHTS)
        fuse_search(p->weight, set, truth, metric, (int)steps);
    else
        logit_fit(&(struct logit){ set->users, set->columns, p->count, set->z, set->item,
                                   truth, l2 }, p->weight);
    weights = weights_text(p);
    say_values(set, p, truth, metric);
    free(truth);
    fuse_split_free(&s);
}

static void write_split(struct filter *f, const char *split, const struct parts *p)
{
    char *out = mem_format("score.%s.%s", split, name), digest[DIGEST_TEXT];
    struct attr attrs[] = { { "candidates", digest },
                            { "by", filter_name },
                            { "fused", ways[how] },
                            { how == BY_RANKS ? NULL : "weights", weights },
                            { NULL, NULL } };
    struct fuse_split s;
    struct tensor t;

    fuse_split_take(&s, f, split, p->name, p->count);
    tensor_digest_text(s.item, digest);
    t = tensor_view2(DT_F4, s.set.users, s.set.columns, fuse(&s.set, p));
    filter_put(f, out, &t, attrs);
    tensor_free(&t);
    fuse_split_free(&s);
    free(out);
}

/* Every split that has scores of the parts. */
static void write_all(struct filter *f, const struct parts *p)
{
    int written = 0;

    for (int s = SPLIT_VALID; s <= SPLIT_NEXT; s++)
        if (fuse_split_has(f, split_names[s], p->name, p->count)) {
            write_split(f, split_names[s], p);
            written++;
        }
    if (!written)
        die("no 'score.*.%s' in the input: run its scorer first", p->name[0]);
}

static struct metric choose_metric(void)
{
    struct metric m;
    struct error e;

    if (!*name)
        cli_mistake("--as: the name is empty");
    if (metric_parse(on, &m) < 0 || metric_is_toplist(m.kind)) {
        fail(&e, "--on: '%s' is no metric such as ndcg@10, hr@1 or mrr", on);
        near_hint(&e, on, strcspn(on, "@"), metric_kind_list);
        cli_mistake("%s", e.text);
    }
    cli_needs("on", how == BY_WEIGHTS && !*weights, "--how weights, without --weights");
    cli_needs("steps", how == BY_WEIGHTS && !*weights,
              "--how weights, without --weights");
    cli_needs("l2", how == BY_LOGIT && !*weights, "--how logistic");
    cli_needs("k", how == BY_RANKS, "--how rrf");
    return m;
}

int main(int argc, char **argv)
{
    int first = cli_parse(argc, argv, &cli);
    struct metric metric = choose_metric();
    struct parts p = { 0 };
    struct filter *f;

    parse_names(&p);
    f = filter_open(argc, argv, first);
    filter_keep(f, "cand.*");
    filter_keep(f, "score.*");
    if (how != BY_RANKS && !*weights)
        history_read_keep(f);
    filter_read(f);
    for (int i = 0; i < p.count; i++)
        scores_needs(f, *of ? "of" : "weights", p.name[i]);
    if (!p.count)
        find_names(&p, f);
    if (how != BY_RANKS && !*weights)
        find_weights(f, &p, metric);
    write_all(f, &p);
    filter_close(f);
    return STATUS_DONE;
}
