/* CF weights and interactions -> item.cf, user.cf.*, inter.cf */
#include "cf/cf_vectors.h"
#include "cli/cli.h"
#include "history/history_read.h"
#include "history/trained_rows.h"
#include "nn/blas.h"
#include "stream/filter.h"
#include "util/error.h"

static bool inter = true, shuffle_history = false;
static long heads = 0, maxlen = 0;
static const char *dilations = NULL;

static const struct opt options[] = {
    { OPT_FLAG, 0, "inter", &inter,
      "write inter.cf, the user's vector before each interaction",
      .record = OPT_RECORD },
    { OPT_FLAG, 0, "shuffle-history", &shuffle_history,
      "put the windows of validation, test and the end into a random order", .low = 0 },
    { OPT_INT, 0, "heads", &heads,
      "attention heads of SASRec; 0: as the stream says, else 1",
      .low = 0,
      .high = 4096 },
    { OPT_INT, 0, "maxlen", &maxlen,
      "items in a window of GRU4Rec and NextItNet; 0: as the stream says, else 50",
      .low = 0, .high = 4096 },
    { OPT_STRING, 0, "dilations", &dilations,
      "dilations of NextItNet (default: as the stream says, else 1,4,1,4 and so on)" },
    { .type = OPT_END },
};

static const struct cli cli = {
    .summary = "item and user vectors of the collaborative-filtering model",
    .usage = "[FILE...]",
    .example = "data-import ml-100k | data-split | cf-train | cf-embed > cf.mr",
    .options = options,
    .flags = CLI_SEED | CLI_THREADS | CLI_ONLY | CLI_PROGRESS,
};

/* What vectors are of: attributes, the last one absent where their dot product is the
 * score. */
struct origin {
    char weights[DIGEST_TEXT], text[DIGEST_TEXT];
    const char *network;
};

static void put(struct filter *f, const char *name, struct tensor t,
                const struct origin *of, struct attr more)
{
    struct attr attrs[4] = { { "weights", of->weights } };
    int n = 1;

    if (of->network)
        attrs[n++] = (struct attr){ "network", of->network };
    attrs[n++] = more;

    filter_put(f, name, &t, attrs);
    tensor_free(&t);
}

static void put_all(struct filter *f, const struct cf_model *m, const struct history *h)
{
    static const struct {
        int split;
        enum cf_vectors_at at;
    } users[] = {
        { SPLIT_TRAIN, BEFORE_TRAIN },
        { SPLIT_VALID, BEFORE_VALID },
        { SPLIT_TEST, BEFORE_TEST },
        { SPLIT_NEXT, AFTER_ALL },
    };
    const struct attr none = { NULL, NULL };
    struct origin of;
    char known[24];

    cf_model_digest(m, of.weights);
    of.network = cf_model_network(m, of.text);
    put(f, "item.cf", cf_vectors_items(m, h->items), &of,
        trained_rows_attr(m->items, h->items, known));
    for (size_t i = 0; i < sizeof users / sizeof *users; i++)
        put(f, split_vectors[users[i].split], cf_vectors_users(m, h, users[i].at), &of,
            none);
    if (inter)
        put(f, "inter.cf", cf_vectors_inter(m, h), &of, none);
}

int main(int argc, char **argv)
{
    int first = cli_parse(argc, argv, &cli);
    struct filter *f;
    struct cf_model m;
    struct history h;
    struct backbone_hints hints = { (int)heads, (int)maxlen, dilations };

    blas_start(argv);
    f = filter_open(argc, argv, first);
    history_read_keep(f);
    filter_keep(f, "cf.*");
    filter_read(f);
    history_read(f, &h);
    h.shuffle = shuffle_history ? &cli_seed : NULL;
    cf_model_load(&m, f, &h, &hints);
    put_all(f, &m, &h);
    cf_model_free(&m);
    history_free(&h);
    filter_close(f);
    return STATUS_DONE;
}
