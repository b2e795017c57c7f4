/* NeuMF, the model of neural collaborative filtering (He et al. 2017): of a user and an
 * item, the products of two vectors (GMF) beside a tower of linear maps with ReLU over
 * two other ones (MLP), and a linear map of both to one number, the logit of "did they
 * meet".  Not a dot product: the score needs the network (neumf_score).
 *
 * Weights have the names that are customary for it: embed_user_GMF.weight,
 * embed_item_GMF, embed_user_MLP, embed_item_MLP (users or items, width; row 0 is the
 * first), MLP_layers.1, .4, .7 and so on (in torch's Sequential of Dropout, Linear and
 * ReLU), predict_layer over GMF's products, then the tower's output.
 *
 * A vector of a user or item, to others, is GMF's and then MLP's: V = G + M numbers.
 * L linear maps; a map's input is the one before's output, the first one's 2 M. */
#ifndef CF_NEUMF_H
#define CF_NEUMF_H

#include "nn/params.h"
#include "stream/filter.h"
#include "util/error.h"

#include <stdint.h>

enum { NEUMF_MAX_LAYERS = 8 };

struct neumf_shape {
    int users, items;
    int gmf, mlp;                /* G, M */
    int layers;                  /* L */
    int out[NEUMF_MAX_LAYERS];   /* of each map */
};

/* Tensors in the parameters' list. */
enum {
    NEUMF_USER_GMF,
    NEUMF_ITEM_GMF,
    NEUMF_USER_MLP,
    NEUMF_ITEM_MLP,
    NEUMF_TABLES
};

struct neumf {
    struct neumf_shape shape;
    struct params p;
    long table[NEUMF_TABLES];
    long dense; /* numbers from here on are the network's */
    long w[NEUMF_MAX_LAYERS], b[NEUMF_MAX_LAYERS];
    long predict_w, predict_b;
};

/* The customary shape: G = width, M = width 2^(layers - 1), each map halves. */
struct neumf_shape neumf_shape_of(int users, int items, int width, int layers);

/* Zeroed parameters; 0, or -1 and the reason.  Release with neumf_free. */
int neumf_new(struct neumf *m, struct neumf_shape shape, struct error *e);
void neumf_free(struct neumf *m);

/* Vectors normal with deviation .01; maps xavier-uniform, the last one U(+-sqrt(3/in));
 * biases 0. */
void neumf_init(struct neumf *m, uint64_t seed);

/* V, and a user's or item's vector x (V). */
int neumf_width(const struct neumf *m);
void neumf_user(const struct neumf *m, real *x, int user);
void neumf_item(const struct neumf *m, real *x, int item);

/* n rows of pairs and their logits y (n), kept for backward: u, v (n, V) are vectors of
 * users and items, mask (n, inputs of all maps) their dropout, NULL: none. */
struct neumf_tape {
    real *u, *v;                      /* (room, V) */
    real *x[NEUMF_MAX_LAYERS + 1];    /* (room, in): inputs, after dropout; the output */
    real *mask[NEUMF_MAX_LAYERS];     /* (room, in) */
    real *top;                        /* (room, G + last out): predict_layer's input */
    real *y, *dy;                     /* (room) */
    real *du, *dv;                    /* (room, V) */
    real *a, *c;                      /* scratch, gradients on their way */
    real *memory;
    int room;
    bool drops;
};
void neumf_tape_new(struct neumf_tape *t, const struct neumf *m, int room);
void neumf_tape_free(struct neumf_tape *t);

/* t->y of the first n rows of t->u and t->v. */
void neumf_forward(const struct neumf *m, struct neumf_tape *t, int n);

/* From t->dy: fills t->du, t->dv, adds to grad, the network's gradients in an arena
 * that begins at m->dense. */
void neumf_backward(const struct neumf *m, struct neumf_tape *t, real *grad, int n);

/* Makes m of what f kept of cf.*, with sizes from the shapes.  Ends the program where a
 * tensor is missing or wrong. */
void neumf_load(struct neumf *m, struct filter *f);

/* Only the network, for vectors (V) that a stream holds. */
void neumf_load_network(struct neumf *m, struct filter *f, int width);

/* Of the network alone, in hexadecimal: text (DIGEST_TEXT). */
const char *neumf_digest(const struct neumf *m, char text[DIGEST_TEXT]);

/* Many scores: the first map's share of each item is computed once. */
struct neumf_scorer {
    const struct neumf *m;      /* borrowed */
    const real *item;           /* (items, V), borrowed */
    real *first;                /* (items, out of map 0): with the bias */
    real *w[NEUMF_MAX_LAYERS];  /* maps transposed: (in, out) */
};
void neumf_scorer_new(struct neumf_scorer *s, const struct neumf *m, const real *item,
                      int64_t items);
void neumf_scorer_free(struct neumf_scorer *s);

/* score (count) of a user's vector (V) with items first ..; NaN of a vector stays NaN.  A
 * score's bits depend on its user and item alone. */
void neumf_score(const struct neumf_scorer *s, const real *user, int64_t first,
                 int64_t count, real *score);

#endif
