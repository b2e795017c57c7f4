/* What a CF model is by itself.  A model is one file, which defines `const struct cf_kind
 * cf_NAME`, and one row NAME of CF_KINDS.  Programs, --help and streams read both. */
#ifndef CF_CF_KIND_H
#define CF_CF_KIND_H

#include "cf/cf_model.h"

/* All models, in the order of --model.  The first one is the default. */
#define CF_KINDS(ROW) \
    ROW(sasrec) ROW(gru4rec) ROW(nextitnet) ROW(ncf) ROW(mf) ROW(pop)

struct cf_options;
struct cf_trainer;

/* What the models of one family have in common: the three of windows
 * (cf_model_windows.c), the two of a user and an item (cf_model_pairs.c), popularity. */
struct cf_family {
    const char *const *options; /* of cf-train, that each model reads; NULL closes */
    bool knows_users;           /* a vector for each user, which says nothing of others */

    /* As cf_model_load and so on; digest NULL: that of params. */
    void (*load)(struct cf_model *m, struct filter *f, const struct history *h,
                 const struct backbone_hints *hints);
    void (*free)(struct cf_model *m);
    void (*put)(struct filter *f, const struct cf_model *m);
    void (*digest)(const struct cf_model *m, char text[DIGEST_TEXT]);
    void (*item)(const struct cf_model *m, real *x, int item);
    void (*represent)(const struct cf_model *m, const struct history *h, real *x,
                      const struct cf_position *p, long n);
    void (*score)(const struct cf_model *m, real *score, const real *x, int first, int n);

    /* NULL: nothing is trained, and count makes the model of the history. */
    struct params *(*params)(const struct cf_model *m);
    void (*count)(struct cf_model *m, const struct history *h);

    /* Training (cf_trainer.h): what a batch counts, how many there are in an epoch, the
     * model with its initial weights beside room for a batch, and a step. */
    const char *units;
    int64_t (*epoch)(const struct cf_trainer *t);
    int (*begin)(struct cf_trainer *t, struct error *e);
    void (*end)(struct cf_trainer *t);
    double (*step)(struct cf_trainer *t);
};

/* Options of cf-train that every model reads that is trained. */
#define CF_TRAINED_OPTIONS                                                               \
    "dim", "lr", "batch", "epochs", "hide-last", "valid-every", "valid-users",           \
        "patience", "checkpoint", "resume", "checkpoint-every", "stop-after", "log"

extern const struct cf_family cf_model_windows, cf_model_pairs;

/* A network that makes a score of two vectors, where a dot product does not
 * (cf_network.h). */
struct cf_network_kind {
    const char *sign;           /* a tensor that it cannot be without */
    const char *const *tensors; /* patterns of all that it reads; NULL closes */
    size_t size;                /* bytes of own */

    /* Fills own from what f kept, for vectors of items (items, width), borrowed; writes
     * the network's digest. */
    void (*load)(void *own, struct filter *f, const real *item, int64_t items, int width,
                 char digest[DIGEST_TEXT]);
    void (*free)(void *own);
    void (*score)(const void *own, const real *user, int64_t first, int64_t count,
                  real *score);

    /* The digest that load would write, of a model's own network: text. */
    const char *(*digest)(const struct cf_model *m, char text[DIGEST_TEXT]);
};

enum { CF_KIND_WORDS = 8 };

struct cf_kind {
    const char *title; /* "GRU4Rec" */
    const char *paper; /* who described the model, and when; NULL: nobody */
    const char *sign;  /* the tensor by which a stream tells it from the others */
    const struct cf_family *family;
    const struct backbone_kind *backbone;  /* of a model of windows */
    const struct cf_pairs_kind *pairs;     /* of a model of a user and an item */
    const struct cf_network_kind *network; /* NULL: a score is a dot product */

    /* Options of cf-train that it reads beside its family's, and its own defaults,
     * "lr=0.002"; NULL closes both. */
    const char *options[CF_KIND_WORDS], *defaults[CF_KIND_WORDS];

    /* 0, or -1 and the reason where options contradict each other; NULL: they cannot. */
    int (*check)(const struct cf_options *o, struct error *e);
};

/* Dies unless the weights' tensor of that name is for all of f's items or users (what:
 * "item"), `all`, or for those that the models know. */
void cf_kind_expect(struct filter *f, const char *name, int found, int all,
                    const char *what);

/* Takes items that the model does not know out of a window; how many are left. */
int cf_kind_known(const struct cf_model *m, int32_t *window, int n);

/* score (n) = x (width) . rows first .. first + n - 1 of the items' vectors. */
void cf_kind_dot(const struct cf_model *m, real *score, const real *items, const real *x,
                 int first, int n);

/* Does the model read that option of cf-train? */
bool cf_kind_reads(const struct cf_kind *k, const char *option);

#define CF_KIND_COUNT(name) +1
enum { CF_MODELS = 0 CF_KINDS(CF_KIND_COUNT) };
#undef CF_KIND_COUNT

#define CF_KIND_DECLARE(name) extern const struct cf_kind cf_##name;
CF_KINDS(CF_KIND_DECLARE)
#undef CF_KIND_DECLARE

#endif
