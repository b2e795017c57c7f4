#include "sbert/sentence_steps.h"

#include "formats/hf_folder.h"
#include "util/file.h"
#include "util/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH_MAX 65536

typedef float step_activation(float x);

struct sentence_step {
    void (*run)(const struct sentence_step *s, float *y, const float *x, int width);
    char *path;
    int in, out;            /* 0: any, and the same */
    float *w, *b;           /* Dense: (out, in) and (out) or NULL; LayerNorm: (in) each */
    float *residual;        /* (out, in) or NULL */
    bool add_input;         /* Dense: the residual is the input itself */
    step_activation *act;
};

static float same(float x)
{
    return x;
}

static float relu(float x)
{
    return x > 0 ? x : 0;
}

static float gelu(float x)
{
    return (float)(0.5 * (double)x * erfc((double)-x * M_SQRT1_2));
}

static float sigmoid(float x)
{
    return (float)(1 / (1 + exp((double)-x)));
}

static float silu(float x)
{
    return x * sigmoid(x);
}

/* torch's classes, what stands behind the last dot. */
static const struct {
    const char *name;
    step_activation *act;
} activations[] = {
    { "Tanh", tanhf }, { "Identity", same }, { "ReLU", relu },
    { "GELU", gelu },  { "Sigmoid", sigmoid }, { "SiLU", silu },
};

/* y (out) = W x, summed in double. */
static void product(float *y, const float *W, const float *x, int out, int in)
{
    for (int i = 0; i < out; i++) {
        const float *row = W + (size_t)i * (size_t)in;
        double sum = 0;

        for (int j = 0; j < in; j++)
            sum += (double)row[j] * (double)x[j];
        y[i] += (float)sum;
    }
}

static void run_dense(const struct sentence_step *s, float *y, const float *x, int width)
{
    (void)width;
    for (int i = 0; i < s->out; i++)
        y[i] = s->b ? s->b[i] : 0;
    product(y, s->w, x, s->out, s->in);
    for (int i = 0; i < s->out; i++)
        y[i] = s->act(y[i]);
    for (int i = 0; s->add_input && i < s->out; i++)
        y[i] += x[i];
    if (s->residual)
        product(y, s->residual, x, s->out, s->in);
}

/* 1e-12 is the reference's guard against a vector of zeros. */
static void run_normalize(const struct sentence_step *s, float *y, const float *x,
                          int width)
{
    double squares = 0;

    (void)s;
    for (int j = 0; j < width; j++)
        squares += (double)x[j] * (double)x[j];
    for (int j = 0; j < width; j++)
        y[j] = x[j] / (float)fmax(sqrt(squares), 1e-12);
}

static void run_layernorm(const struct sentence_step *s, float *y, const float *x,
                          int width)
{
    double mean = 0, squares = 0;

    for (int j = 0; j < width; j++)
        mean += (double)x[j] / width;
    for (int j = 0; j < width; j++)
        squares += ((double)x[j] - mean) * ((double)x[j] - mean) / width;
    for (int j = 0; j < width; j++) /* 1e-5: torch's */
        y[j] = (float)(((double)x[j] - mean) / sqrt(squares + 1e-5)) * s->w[j] + s->b[j];
}

static int read_activation(struct sentence_step *s, const struct json_file *c,
                           struct error *e)
{
    const char *name, *dot;

    if (json_text_or(c, "activation_function", "Tanh", &name, e) < 0)
        return -1;
    dot = strrchr(name, '.');
    for (size_t i = 0; i < sizeof activations / sizeof *activations; i++)
        if (strcmp(activations[i].name, dot ? dot + 1 : name) == 0)
            s->act = activations[i].act;
    return s->act ? 0
                  : fail(e, "%s: activation_function \"%.80s\", expected Tanh, Identity, "
                            "ReLU, GELU, Sigmoid or SiLU", c->path, name);
}

/* A module may work on something else than the text's vector. */
static int check_names(const struct json_file *c, struct error *e)
{
    static const char *const keys[] = { "module_input_name", "module_output_name" };

    for (int i = 0; i < 2; i++) {
        const char *name;

        if (json_text_or(c, keys[i], "sentence_embedding", &name, e) < 0)
            return -1;
        if (strcmp(name, "sentence_embedding") != 0)
            return fail(e, "%s: \"%s\" is \"%.60s\", expected sentence_embedding",
                        c->path, keys[i], name);
    }
    return 0;
}

static int read_dense(struct sentence_step *s, const hf_folder *h, struct error *e)
{
    const struct json_file *c = hf_config(h);
    bool bias, residual;
    long in, out;

    s->run = run_dense;
    if (json_int(c, "in_features", 1, WIDTH_MAX, &in, e) < 0
        || json_int(c, "out_features", 1, WIDTH_MAX, &out, e) < 0
        || json_bool_or(c, "bias", true, &bias, e) < 0
        || json_bool_or(c, "use_residual", false, &residual, e) < 0
        || check_names(c, e) < 0 || read_activation(s, c, e) < 0)
        return -1;
    s->in = (int)in;
    s->out = (int)out;
    s->add_input = residual && in == out;
    if (!(s->w = hf_finite(h, "linear.weight", out, in, e))
        || (bias && !(s->b = hf_finite(h, "linear.bias", out, 0, e)))
        || (residual && in != out
            && !(s->residual = hf_finite(h, "residual.weight", out, in, e))))
        return -1;
    return 0;
}

static int read_layernorm(struct sentence_step *s, const hf_folder *h, struct error *e)
{
    long width;

    s->run = run_layernorm;
    if (json_int(hf_config(h), "dimension", 1, WIDTH_MAX, &width, e) < 0)
        return -1;
    s->in = s->out = (int)width;
    if (!(s->w = hf_finite(h, "norm.weight", width, 0, e))
        || !(s->b = hf_finite(h, "norm.bias", width, 0, e)))
        return -1;
    return 0;
}

/* A bias that config.json does not speak of would be left out silently. */
static int refuse_others(const struct sentence_step *s, const hf_folder *h, bool dense,
                         struct error *e)
{
    const char *const names[] = { dense ? "linear.weight" : "norm.weight",
                                  !s->b ? "" : dense ? "linear.bias" : "norm.bias",
                                  s->residual ? "residual.weight" : "" };
    const struct safetensor *t;

    for (long i = 0; (t = hf_at(h, i)); i++)
        if (strcmp(t->name, names[0]) && strcmp(t->name, names[1])
            && strcmp(t->name, names[2]))
            return fail(e, "%s: tensor '%s' has no place in the module of config.json",
                        hf_path(h), t->name);
    return 0;
}

/* Normalize has no weights, and a config.json only of late. */
static int read_normalize(struct sentence_step *s, const char *path, struct error *e)
{
    char *name = file_join(path, "config.json");
    struct json_file c;
    int result = 0;

    s->run = run_normalize;
    if (file_exists(name) && (result = json_open(&c, name, e)) == 0) {
        result = check_names(&c, e);
        json_close(&c);
    }
    free(name);
    return result;
}

int sentence_steps_add(struct sentence_steps *s, const char *type, const char *path,
                       struct error *e)
{
    struct sentence_step step = { .path = mem_string(path) };
    bool dense = strcmp(type, "Dense") == 0;
    hf_folder *h = NULL;
    int result = -1;

    if (strcmp(type, "Normalize") == 0)
        result = read_normalize(&step, path, e);
    else if (!dense && strcmp(type, "LayerNorm") != 0)
        fail(e, "module %.60s, expected Dense, Normalize, LayerNorm or Dropout", type);
    else if ((h = hf_open(path, e)))
        result = (dense ? read_dense(&step, h, e) : read_layernorm(&step, h, e))
                 || refuse_others(&step, h, dense, e) ? -1 : 0;
    hf_close(h);
    MEM_PUSH(s->step, s->n, s->room, step);
    return result;
}

void sentence_steps_free(struct sentence_steps *s)
{
    for (int i = 0; i < s->n; i++) {
        free(s->step[i].path);
        free(s->step[i].w);
        free(s->step[i].b);
        free(s->step[i].residual);
    }
    free(s->step);
}

int sentence_steps_width(const struct sentence_steps *s, int width, int *most,
                         struct error *e)
{
    for (int i = 0; i < s->n; i++) {
        const struct sentence_step *step = &s->step[i];

        if (step->in && step->in != width)
            return fail(e, "%s: is for vectors of %d, but gets some of %d", step->path,
                        step->in, width);
        width = step->in ? step->out : width;
        *most = width > *most ? width : *most;
    }
    return width;
}

void sentence_steps_run(const struct sentence_steps *s, float *v, float *spare, int width)
{
    for (int i = 0; i < s->n; i++) {
        const struct sentence_step *step = &s->step[i];

        step->run(step, spare, v, width);
        width = step->in ? step->out : width;
        memcpy(v, spare, (size_t)width * sizeof *v);
    }
}
