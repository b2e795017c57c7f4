/* Applies trained towers: item.cf -> item.joint, item.text -> item.joint_text. */
#include "align/align_store.h"
#include "cli/cli.h"
#include "history/trained_rows.h"
#include "nn/blas.h"
#include "stream/finite.h"
#include "util/error.h"

#include <string.h>

#define CF_WEIGHT "cf.item_emb.weight" /* row 0 is padding */

static const char *text_name = "item.text", *cf_name = "item.cf";
static bool as_cf = false;

static const struct opt options[] = {
    { OPT_STRING, 0, "cf", &cf_name, "map these CF vectors to item.joint" },
    { OPT_STRING, 0, "text", &text_name, "map these text vectors to item.joint_text" },
    { OPT_FLAG, 0, "as-cf", &as_cf,
      "write " CF_WEIGHT " too: the texts' vectors in CF space" },
    { .type = OPT_END },
};

static const struct cli cli = {
    .summary = "map CF and text vectors to the joint space by trained towers",
    .usage = "[FILE...]",
    .example = "align-embed --text text align.mr new-texts.mr > new-joint.mr",
    .options = options,
    .flags = CLI_THREADS | CLI_ONLY,
};

/* One kind of vectors on its way into the joint space. */
struct side {
    const char *name;
    bool is_text;
    const struct tensor *source; /* NULL: there is none */
    int64_t known;               /* rows of items that the models know */
    struct tensor joint;
};

/* Rows of one shape are mapped in fixed blocks; new items begin blocks of their own, so
 * that those before them keep their bits. */
static void embed(struct filter *f, const struct align *m, struct side *s)
{
    const struct tower *t = s->is_text ? &m->text : &m->item;
    struct error e;
    int64_t rows;

    if (!filter_has(f, s->name))
        return;
    s->source = filter_tensor_sized(f, s->name, DT_F4, -1, t->shape.in,
                                    s->is_text ? "sbert-encode" : "cf-embed");
    rows = s->source->shape[0];
    s->known = trained_rows(f, s->name);
    s->joint = tensor_new2(DT_F4, rows, t->shape.joint);
    if (finite_check_all(s->name, s->source->data, s->is_text ? rows : s->known,
                         t->shape.in, &e) < 0)
        die("%s: run %s again", e.text, s->is_text ? "sbert-encode" : "cf-embed");
    align_joint_rows(m, s->is_text, s->source, 0, s->known, &s->joint);
    if (s->is_text)
        align_joint_rows(m, true, s->source, s->known, rows, &s->joint);
}

/* Items that the CF model does not know have no e: q stands in its place. */
static void fill_new(struct filter *f, struct side *items, const struct side *texts)
{
    int64_t rows = items->joint.shape[0], count = rows - items->known;
    size_t width = tensor_row_bytes(&items->joint);

    if (count == 0)
        return;
    if (!texts->source)
        die("'%s' has no vectors of its last %lld items, and no '%s' stands in: run "
            "sbert-encode first%s", items->name, (long long)count, texts->name,
            filter_pipe(f, "sbert-encode", NULL));
    if (texts->joint.shape[0] != rows)
        die("'%s' has %lld rows, but '%s' %lld", texts->name,
            (long long)texts->joint.shape[0], items->name, (long long)rows);
    memcpy((char *)items->joint.data + (size_t)items->known * width,
           (const char *)texts->joint.data + (size_t)items->known * width,
           (size_t)count * width);
}

static void put(struct filter *f, const struct align *m, struct side *s)
{
    struct attr attrs[FILTER_STANDS + 2] = { { NULL, NULL } };
    char known[24];
    int n;

    if (!s->source)
        return;
    n = filter_standing(f, s->name, attrs);
    attrs[n] = trained_rows_attr(s->known, s->joint.shape[0], known);
    align_put_rows(f, m, s->is_text, s->source, &s->joint, attrs);
    tensor_free(&s->joint);
}

/* dec(q) of every item takes the place of a CF vector that it never had. */
static void put_as_cf(struct filter *f, const struct align *m, const struct side *texts)
{
    const struct tower *t = &m->item;
    struct attr attrs[FILTER_STANDS + 1] = { { NULL, NULL } };
    int64_t rows = texts->joint.shape[0];
    struct tensor weight;

    if (!texts->source)
        die("--as-cf: no '%s' in the input: run sbert-encode first%s", texts->name,
            filter_pipe(f, "sbert-encode", NULL));
    weight = tensor_new2(DT_F4, rows + 1, t->shape.in);
    tower_decode(t, m->p.values, (float *)weight.data + t->shape.in, texts->joint.data,
                 (long)rows);
    filter_standing(f, texts->name, attrs);
    filter_put(f, CF_WEIGHT, &weight, attrs);
    tensor_free(&weight);
}

int main(int argc, char **argv)
{
    int first = cli_parse(argc, argv, &cli);
    struct filter *f;
    struct align m;
    struct side items = { .name = cf_name, .is_text = false };
    struct side texts = { .name = text_name, .is_text = true };

    blas_start(argv);
    f = filter_open(argc, argv, first);
    filter_keep(f, "align.*");
    filter_keep(f, cf_name);
    filter_keep(f, text_name);
    filter_replace(f, "item.joint");
    filter_replace(f, "item.joint_text");
    if (as_cf) {
        filter_replace(f, CF_WEIGHT);
        filter_numbers_apart(f); /* texts of a catalogue that the towers have not seen */
    }
    filter_read(f);
    if (cli_changed("cf"))
        filter_needs(f, "cf", cf_name, "cf-embed");
    if (cli_changed("text"))
        filter_needs(f, "text", text_name, "sbert-encode");
    align_load(&m, f);
    embed(f, &m, &items);
    embed(f, &m, &texts);
    if (!items.source && !texts.source)
        die("no '%s' and no '%s' in the input: run cf-embed or sbert-encode first%s",
            cf_name, text_name, filter_pipe(f, "cf-embed", NULL));
    if (items.source)
        fill_new(f, &items, &texts);
    if (as_cf)
        put_as_cf(f, &m, &texts);
    put(f, &m, &items);
    put(f, &m, &texts);
    align_free(&m);
    filter_close(f);
    return STATUS_DONE;
}
