#include "align/align_input.h"

#include "align/tower.h"
#include "history/history_read.h"
#include "history/trained_rows.h"
#include "stream/finite.h"
#include "util/error.h"

#include <inttypes.h>

void align_input_keep(struct filter *f, enum targets targets)
{
    history_read_keep(f);
    filter_keep(f, "item.cf");
    filter_keep(f, "item.text");
    filter_keep(f, "user.cf.train");
    filter_keep(f, "user.cf.valid");
    if (targets != TARGETS_LAST)
        filter_keep(f, "inter.cf");
    filter_replace(f, "align.*");
    filter_replace(f, "item.joint");
    filter_replace(f, "item.joint_text");
}

static const struct tensor *item_vectors(struct filter *f, const char *name, int items,
                                         const char *maker)
{
    const struct tensor *t = filter_tensor_sized(f, name, DT_F4, items, -1, maker);
    struct error e;

    if (finite_check_all(name, t->data, t->shape[0], t->shape[1], &e) < 0)
        die("%s: run %s again", e.text, maker);
    if (t->shape[1] < 1 || t->shape[1] > TOWER_WIDTH)
        die("'%s' has %" PRId64 " columns, expected 1 to %d", name, t->shape[1],
            TOWER_WIDTH);
    return t;
}

void align_input_load(struct align_input *in, struct filter *f,
                      enum targets targets, bool validate)
{
    const struct history *h = &in->h;
    int64_t d;

    history_read(f, &in->h);
    trained_rows_need_all(f, "item.cf");
    in->cf = item_vectors(f, "item.cf", h->items, "cf-embed");
    in->text = item_vectors(f, "item.text", h->items, "sbert-encode");
    d = in->cf->shape[1];
    in->users.d = (int)d;
    in->users.train =
        filter_tensor_sized(f, "user.cf.train", DT_F4, h->users, d, "cf-embed")->data;
    if (validate || filter_has(f, "user.cf.valid"))
        in->users.valid =
            filter_tensor_sized(f, "user.cf.valid", DT_F4, h->users, d, "cf-embed")->data;
    if (targets != TARGETS_LAST)
        in->users.inter = filter_tensor_sized(f, "inter.cf", DT_F4, h->n, d,
                                              "cf-embed without --no-inter (or use "
                                              "--targets last)")->data;
}

double align_input_variance(const struct align_input *in)
{
    int64_t n = in->cf->shape[0], d = in->cf->shape[1];
    const float *v = in->cf->data;
    double sum = 0, square = 0;

    for (int64_t c = 0; c < d; c++) {
        double column = 0;

        for (int64_t i = 0; i < n; i++) {
            column += (double)v[i * d + c];
            square += (double)v[i * d + c] * (double)v[i * d + c];
        }
        sum += n ? column * column / (double)n : 0;
    }
    return square > sum ? (square - sum) / (double)(n * d) : 1;
}
