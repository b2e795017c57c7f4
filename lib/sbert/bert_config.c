#include "sbert/bert_parts.h"

#include "formats/hf_config.h"
#include "util/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SIZE_LIMIT 65536 /* widths, layers, heads, positions */

/* Keys with a say in what is computed that are read here, or that only repeat what the
 * tensors show. */
static const char *const reads[] = {
    "hidden_act", "activation", "hidden_activation", "activation_function",
    "layer_norm_eps", "layer_norm_epsilon", "norm_eps", "position_embedding_type",
    "relative_attention_num_buckets", "layer_types", "local_attention",
    "global_attn_every_n_layers", "global_rope_theta", "local_rope_theta",
    "rope_parameters", "rotary_emb_base", "rotary_scaling_factor", "attention_bias",
    "mlp_bias", "norm_bias", "qkv_proj_bias", "mlp_fc1_bias", "mlp_fc2_bias",
    /* of the head, of training, of how the same is computed: */
    "decoder_bias", "classifier_bias", "sparse_prediction", "sparse_pred_ignore_index",
    "deterministic_flash_attn",
    "fused_bias_fc", "fused_dropout_add_ln", "reorder_and_upcast_attn",
    "summary_activation", NULL
};

static real relu(real x)
{
    return x > 0 ? x : 0;
}

static real silu(real x)
{
    return x / (1 + (real)exp(-(double)x));
}

/* GELU by tanh: 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) */
static real gelu_tanh(real x)
{
    double z = (double)x;

    return (real)(0.5 * z * (1 + tanh(0.79788456080286536 * (z + 0.044715 * z * z * z))));
}

/* By their names in config.json; the erf form of GELU has a loop of its own. */
static const struct {
    const char *name;
    bert_activation *act;
} activations[] = {
    { "gelu", NULL },           { "gelu_python", NULL },
    { "gelu_new", gelu_tanh },  { "gelu_pytorch_tanh", gelu_tanh },
    { "gelu_fast", gelu_tanh }, { "relu", relu },
    { "silu", silu },           { "swish", silu },
    { "swiglu", silu },         { "geglu", NULL },
};

static int read_activation(const struct bert_loading *l, struct bert *b, const char *name)
{
    for (size_t i = 0; i < sizeof activations / sizeof *activations; i++)
        if (strcmp(activations[i].name, name) == 0) {
            b->act = activations[i].act;
            return 0;
        }
    return fail(l->e, "%s: activation \"%.60s\", expected gelu, gelu_new, relu or silu",
                hf_config(l->folder)->path, name);
}

/* The first of the names "a|b" that config.json has, else the last; free with free(). */
static char *key_of(const struct bert_loading *l, enum bert_name which)
{
    const char *names = l->of.name[which];

    for (;; names = strchr(names, '|') + 1) {
        char *key = mem_format("%.*s", (int)strcspn(names, "|"), names);

        if (!strchr(names, '|') || json_value(hf_config(l->folder), key))
            return key;
        free(key);
    }
}

static int read_size(const struct bert_loading *l, enum bert_name which, int *value)
{
    char *key = key_of(l, which);
    long v = 0;
    int result = json_int(hf_config(l->folder), key, 1, SIZE_LIMIT, &v, l->e);

    *value = (int)v;
    free(key);
    return result;
}

/* Keys of the architecture's own that ask for what is not computed here. */
static int refuse_others(const struct bert_loading *l)
{
    const struct json_file *c = hf_config(l->folder);
    const char *kind;

    for (int i = 0; l->of.off[i]; i++) {
        const json_t *v = json_value(c, l->of.off[i]);

        if (v && !json_is_false(v))
            return fail(l->e, "%s: \"%s\" asks for what is not computed here", c->path,
                        l->of.off[i]);
    }
    if (json_text_or(c, "position_embedding_type", "absolute", &kind, l->e) < 0)
        return -1;
    if (strcmp(kind, "absolute") != 0)
        return fail(l->e, "%s: expected absolute positions, found %.60s", c->path, kind);
    return hf_config_refuse_others(c, reads, l->e);
}

/* Which row is the first token's, and which token is not counted. */
static int read_positions(const struct bert_loading *l, struct bert *b)
{
    const struct json_file *c = hf_config(l->folder);
    long pad = 1;

    b->padding = -1;
    if (l->of.positions == BERT_ROWS_AFTER_PAD
        && json_int_or(c, "pad_token_id", 0, SIZE_LIMIT, 1, &pad, l->e) < 0)
        return -1;
    if (l->of.positions == BERT_ROWS_AFTER_PAD
        || l->of.positions == BERT_ROWS_AFTER_ONE) {
        b->padding = (int)pad;
        b->first_position = (int)pad + 1;
    }
    b->positions -= b->first_position;
    if (b->width % b->heads != 0 || b->positions < 1)
        return fail(l->e, "%s: width %d is no multiple of %d heads, or there are no "
                          "positions", c->path, b->width, b->heads);
    return 0;
}

/* Cosines and sines of position p by frequency theta^(-2 m / d), in the reference's
 * floats: (positions, d), the first half of a row cosines. */
static real *turns(const struct bert *b, double theta)
{
    int d = b->width / b->heads, half = d / 2;
    real *turn = mem_new((size_t)b->positions * (size_t)d, sizeof *turn);

    for (int m = 0; m < half; m++) {
        float frequency = 1 / powf((float)theta, (float)(2 * m) / (float)d);

        for (int p = 0; p < b->positions; p++) {
            real *row = turn + (size_t)p * (size_t)d;

            row[m] = (real)cos((double)((float)p * frequency));
            row[half + m] = (real)sin((double)((float)p * frequency));
        }
    }
    return turn;
}

/* theta of layers that see all, or of those with a window: in "rope_parameters", by kind
 * or for all, else by keys of their own. */
static int read_theta(const struct bert_loading *l, bool local, double *theta)
{
    const char *kind = local ? "sliding_attention" : "full_attention", *type;
    const struct json_file *c = hf_config(l->folder);
    json_t *all = json_object_get(c->root, "rope_parameters");
    json_t *own = json_object_get(all, kind);
    struct json_file rope = { c->path, own ? own : all };
    double global;

    if (json_number_or(c, "rotary_emb_base", 1, 1e12, l->of.theta, &global, l->e) < 0
        || json_number_or(c, "global_rope_theta", 1, 1e12, global, &global, l->e) < 0)
        return -1;
    *theta = global;
    if (local && json_number_or(c, "local_rope_theta", 1, 1e12,
                                json_object_get(c->root, "global_rope_theta")
                                    ? global : l->of.local_theta, theta, l->e) < 0)
        return -1;
    if (!json_is_object(rope.root))
        return 0;
    if (json_text_or(&rope, "rope_type", "default", &type, l->e) < 0
        || json_number_or(&rope, "rope_theta", 1, 1e12, *theta, theta, l->e) < 0)
        return -1;
    if (strcmp(type, "default") != 0)
        return fail(l->e, "%s: \"rope_parameters\" of type %.60s, expected default",
                    c->path, type);
    return 0;
}

/* Layer i: has it a window?  By "layer_types", else all but each n-th. */
static int read_layer_kind(const struct bert_loading *l, const struct json_file *c, int i,
                           long every, bool *local)
{
    const json_t *types = json_value(c, "layer_types");
    const char *type = json_string_value(json_array_get(types, (size_t)i));

    *local = i % every != 0;
    if (!types)
        return 0;
    *local = type && strcmp(type, "sliding_attention") == 0;
    if (!*local && (!type || strcmp(type, "full_attention") != 0))
        return fail(l->e, "%s: \"layer_types\": layer %d is neither full_attention nor "
                          "sliding_attention", c->path, i);
    return 0;
}

static int read_windows(const struct bert_loading *l, struct bert *b)
{
    const struct json_file *c = hf_config(l->folder);
    long window, every;

    if (json_int_or(c, "local_attention", 2, SIZE_LIMIT, 128, &window, l->e) < 0
        || json_int_or(c, "global_attn_every_n_layers", 1, SIZE_LIMIT, 3, &every,
                       l->e) < 0)
        return -1;
    for (int i = 0; i < b->layers; i++) {
        bool local;

        if (read_layer_kind(l, c, i, every, &local) < 0)
            return -1;
        b->layer[i].window = local ? (int)window / 2 : 0;
    }
    return 0;
}

int bert_config_rotary(const struct bert_loading *l, struct bert *b)
{
    const struct json_file *c = hf_config(l->folder);
    double theta, scaling;
    long trained;

    if (l->of.positions != BERT_ROTARY)
        return 0;
    if (b->width / b->heads % 2 != 0)
        return fail(l->e, "%s: heads are %d wide, an odd number, but their positions are "
                          "rotary", c->path, b->width / b->heads);
    /* Beyond these positions the base grows with the text's length (dynamic NTK). */
    if (json_number_or(c, "rotary_scaling_factor", 0, 1e6, 0, &scaling, l->e) < 0
        || json_int_or(c, "max_trained_positions", 1, SIZE_LIMIT, SIZE_LIMIT, &trained,
                       l->e) < 0)
        return -1;
    if (scaling > 0 && trained < b->positions)
        b->positions = (int)trained;
    if (l->of.local_theta > 0 && read_windows(l, b) < 0)
        return -1;
    for (int local = 0; local < (l->of.local_theta > 0 ? 2 : 1); local++) {
        if (read_theta(l, local, &theta) < 0)
            return -1;
        b->turn[local] = turns(b, theta);
    }
    for (int i = 0; i < b->layers; i++)
        b->layer[i].turn = b->turn[b->layer[i].window > 0];
    return 0;
}

int bert_config_read(const struct bert_loading *l, struct bert *b)
{
    const struct json_file *c = hf_config(l->folder);
    char *act_key = key_of(l, BERT_ACT), *eps_key = key_of(l, BERT_EPS);
    const char *act;
    double eps;
    long words;
    int result = -1;

    if (read_size(l, BERT_WIDTH, &b->width) == 0
        && read_size(l, BERT_LAYERS, &b->layers) == 0
        && read_size(l, BERT_HEADS, &b->heads) == 0
        && read_size(l, BERT_INNER, &b->inner) == 0
        && read_size(l, BERT_LONGEST, &b->positions) == 0
        && json_int(c, "vocab_size", 1, 1L << 24, &words, l->e) == 0
        && json_number_or(c, eps_key, 0, 1, l->of.norm_first ? 1e-5 : 1e-12, &eps,
                          l->e) == 0
        && json_text_or(c, act_key, "gelu", &act, l->e) == 0
        && read_activation(l, b, act) == 0)
        result = refuse_others(l);
    free(act_key);
    free(eps_key);
    if (result < 0 || read_positions(l, b) < 0)
        return -1;
    b->words = (int)words;
    b->eps = (real)eps;
    b->norm_first = l->of.norm_first;
    b->gated = l->of.gate_below || *l->of.name[BERT_GATE];
    b->layer = mem_new((size_t)b->layers, sizeof *b->layer);
    return 0;
}
