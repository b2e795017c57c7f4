/* The architectures that are read: one row each, in decoder_architecture.c. */
#ifndef LLM_DECODER_ARCHITECTURE_H
#define LLM_DECODER_ARCHITECTURE_H

#include "formats/json_file.h"
#include "llm/decoder.h"
#include "llm/decoder_names.h"

/* How files differ from what the model computes with, added up. */
enum {
    DECODER_PAIRS = 1,          /* GGUF: rows of Q and K are in llama.cpp's order */
    DECODER_NORMS_FROM_ONE = 2, /* config.json's folder: norms' weights lack 1 */
    DECODER_BY_HEAD = 4,        /* the same: Q, K and V of a head stand together */
    DECODER_TRANSPOSED = 8,     /* the same: matrices are (in, out) */
    DECODER_TIED = 16,          /* the same: head and table are one unless said */
    DECODER_PARTLY_ROTATED = 64, /* a share of each head may be rotated */
    DECODER_EMBEDS_SCALED = 32, /* embeddings are multiplied by the root of the width */
};

/* config.json's keys for the sizes; ff NULL: the row's own function reads it. */
struct decoder_size_keys {
    const char *layers, *width, *heads, *context, *ff;
};

struct decoder_architecture {
    const char *name;  /* config.json's model_type */
    const char *gguf;  /* general.architecture; several may share one: the first is it */
    struct decoder_config is; /* what no file says */
    unsigned files;           /* DECODER_PAIRS and the like */
    const struct decoder_names *hf_names, *gguf_names;
    const struct decoder_size_keys *sizes;
    const char *act_key, *act; /* the key of the activation, and what it must be */
    const char *const *hf_keys; /* config.json's keys that hf_read reads, then NULL */
    int (*hf_read)(struct decoder_config *c, const struct json_file *f, struct error *e);
    int local_every; /* all layers but each such are local, 0: all are, where there
                        is a window and nothing else is said */
    double rope_theta;            /* where config.json says none */
    const char *const *gguf_keys; /* keys that are read here beyond the usual ones */
};

/* The row with this model_type, or with this general.architecture; NULL. */
const struct decoder_architecture *decoder_architecture_hf(const char *name);
const struct decoder_architecture *decoder_architecture_gguf(const char *name);

/* The row of a config, a Llama's where it names none. */
const struct decoder_architecture *
decoder_architecture_of(const struct decoder_config *c);

/* The names of all, for messages: "llama, mistral, ... or opt". */
const char *decoder_architecture_list_hf(void);
const char *decoder_architecture_list_gguf(void);

/* A row's own reading of config.json (decoder_family_hf.c): c has the sizes and what
 * the row says. */
int decoder_family_llama(struct decoder_config *c, const struct json_file *f,
                         struct error *e);
int decoder_family_mistral(struct decoder_config *c, const struct json_file *f,
                           struct error *e);
int decoder_family_qwen(struct decoder_config *c, const struct json_file *f,
                        struct error *e);
int decoder_family_smollm3(struct decoder_config *c, const struct json_file *f,
                           struct error *e);
int decoder_family_granite(struct decoder_config *c, const struct json_file *f,
                           struct error *e);
int decoder_family_phi3(struct decoder_config *c, const struct json_file *f,
                        struct error *e);
int decoder_family_gemma(struct decoder_config *c, const struct json_file *f,
                         struct error *e);
int decoder_family_gemma2(struct decoder_config *c, const struct json_file *f,
                          struct error *e);
int decoder_family_gemma3(struct decoder_config *c, const struct json_file *f,
                          struct error *e);
int decoder_family_neox(struct decoder_config *c, const struct json_file *f,
                        struct error *e);
int decoder_family_gpt2(struct decoder_config *c, const struct json_file *f,
                        struct error *e);
int decoder_family_opt(struct decoder_config *c, const struct json_file *f,
                       struct error *e);

#endif
