/* TREC's files: the same input as judgements, and as a run beside such. */
#include "evaluation/trec_read.h"
#include "held.h"
#include "metrics/metric.h"
#include "readers.h"

static unsigned judge(const struct trec *t, const char *path)
{
    static struct metric metric[] = { { METRIC_NDCG, 10 } };
    struct evaluation v = { .metric = metric, .metrics = 1, .resamples = 1, .seed = 1 };
    struct error e = { "" };
    unsigned sum = 0;

    trec_begin(&v, t, "test");
    if (trec_add_run(&v, t, path, &e) < 0)
        sum += refused(&e);
    evaluation_free(&v);
    return sum;
}

static unsigned look(const char *path)
{
    struct error e = { "" };
    struct trec t;
    unsigned sum = 0;

    if (trec_read_qrels(&t, path, &e) < 0)
        sum += refused(&e);
    else {
        for (int64_t i = 0; i < t.queries.count; i++)
            sum += touch_bytes(texts_at(&t.queries, i), texts_length(&t.queries, i));
        trec_free(&t);
    }
    if (trec_read_qrels(&t, "tests/fixtures/trec/qrels", &e) < 0)
        abort();
    sum += judge(&t, path);
    trec_free(&t);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return held_file(look, data, size);
}
