#include "sbert/bert_architecture.h"

#include "sbert/sentence_model.h"
#include "util/file.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What stands after its name is what is new about a row. */
static const struct bert_architecture table[] = {
    {
        .model_type = "bert", .class = "Bert", .positions = BERT_ROWS,
        .name = {
            [BERT_WIDTH] = "hidden_size",
            [BERT_LAYERS] = "num_hidden_layers",
            [BERT_HEADS] = "num_attention_heads",
            [BERT_INNER] = "intermediate_size",
            [BERT_ACT] = "hidden_act",
            [BERT_EPS] = "layer_norm_eps",
            [BERT_LONGEST] = "max_position_embeddings",
            [BERT_PREFIX] = "bert.",
            [BERT_WORD] = "embeddings.word_embeddings",
            [BERT_TYPE] = "embeddings.token_type_embeddings",
            [BERT_PLACE] = "embeddings.position_embeddings",
            [BERT_EMBEDDING_NORM] = "embeddings.LayerNorm",
            [BERT_QUERY] = "encoder.layer.%d.attention.self.query",
            [BERT_KEY] = "encoder.layer.%d.attention.self.key",
            [BERT_VALUE] = "encoder.layer.%d.attention.self.value",
            [BERT_OUT] = "encoder.layer.%d.attention.output.dense",
            [BERT_ATTENTION_NORM] = "encoder.layer.%d.attention.output.LayerNorm",
            [BERT_UP] = "encoder.layer.%d.intermediate.dense",
            [BERT_DOWN] = "encoder.layer.%d.output.dense",
            [BERT_NORM] = "encoder.layer.%d.output.LayerNorm",
        },
    },
    {
        .model_type = "roberta", .class = "Roberta", .like = "bert",
        .positions = BERT_ROWS_AFTER_PAD, .name = { [BERT_PREFIX] = "roberta." },
    },
    { .model_type = "xlm-roberta", .class = "XLMRoberta", .like = "roberta" },
    { .model_type = "camembert", .class = "Camembert", .like = "roberta" },
    {
        .model_type = "distilbert", .class = "DistilBert", .like = "bert",
        .name = {
            [BERT_WIDTH] = "dim", [BERT_LAYERS] = "n_layers", [BERT_HEADS] = "n_heads",
            [BERT_INNER] = "hidden_dim", [BERT_ACT] = "activation",
            [BERT_PREFIX] = "distilbert.", [BERT_TYPE] = "",
            [BERT_QUERY] = "transformer.layer.%d.attention.q_lin",
            [BERT_KEY] = "transformer.layer.%d.attention.k_lin",
            [BERT_VALUE] = "transformer.layer.%d.attention.v_lin",
            [BERT_OUT] = "transformer.layer.%d.attention.out_lin",
            [BERT_ATTENTION_NORM] = "transformer.layer.%d.sa_layer_norm",
            [BERT_UP] = "transformer.layer.%d.ffn.lin1",
            [BERT_DOWN] = "transformer.layer.%d.ffn.lin2",
            [BERT_NORM] = "transformer.layer.%d.output_layer_norm",
        },
    },
    {
        .model_type = "mpnet", .class = "MPNet", .like = "bert",
        .positions = BERT_ROWS_AFTER_ONE,
        .name = {
            [BERT_PREFIX] = "mpnet.", [BERT_TYPE] = "",
            [BERT_QUERY] = "encoder.layer.%d.attention.attn.q",
            [BERT_KEY] = "encoder.layer.%d.attention.attn.k",
            [BERT_VALUE] = "encoder.layer.%d.attention.attn.v",
            [BERT_OUT] = "encoder.layer.%d.attention.attn.o",
            [BERT_ATTENTION_NORM] = "encoder.layer.%d.attention.LayerNorm",
            [BERT_DISTANCE_BIAS] = "encoder.relative_attention_bias",
        },
    },
    {
        .model_type = "modernbert", .class = "ModernBert", .like = "bert",
        .positions = BERT_ROTARY, .theta = 160000, .local_theta = 10000,
        .norm_first = true, .bias_optional = true, .gate_below = true,
        .name = {
            [BERT_ACT] = "hidden_activation", [BERT_EPS] = "norm_eps",
            [BERT_PREFIX] = "model.",
            [BERT_WORD] = "embeddings.tok_embeddings", [BERT_TYPE] = "",
            [BERT_EMBEDDING_NORM] = "embeddings.norm", [BERT_FINAL_NORM] = "final_norm",
            [BERT_QKV] = "layers.%d.attn.Wqkv", [BERT_OUT] = "layers.%d.attn.Wo",
            [BERT_ATTENTION_NORM] = "layers.%d.attn_norm", [BERT_UP] = "layers.%d.mlp.Wi",
            [BERT_DOWN] = "layers.%d.mlp.Wo", [BERT_NORM] = "layers.%d.mlp_norm",
        },
    },
    {
        .model_type = "nomic_bert", .class = "NomicBert", .like = "bert",
        .positions = BERT_ROTARY, .theta = 1000, .bias_optional = true,
        .name = {
            [BERT_WIDTH] = "n_embd|hidden_size",
            [BERT_LAYERS] = "n_layer|num_hidden_layers",
            [BERT_HEADS] = "n_head|num_attention_heads",
            [BERT_INNER] = "n_inner|intermediate_size",
            [BERT_ACT] = "activation_function|hidden_act",
            [BERT_EPS] = "layer_norm_epsilon|layer_norm_eps",
            [BERT_LONGEST] = "n_positions|max_position_embeddings",
            [BERT_PREFIX] = "nomic_bert.", [BERT_EMBEDDING_NORM] = "emb_ln",
            [BERT_QKV] = "encoder.layers.%d.attn.Wqkv",
            [BERT_OUT] = "encoder.layers.%d.attn.out_proj",
            [BERT_ATTENTION_NORM] = "encoder.layers.%d.norm1",
            [BERT_UP] = "encoder.layers.%d.mlp.fc12",
            [BERT_GATE] = "encoder.layers.%d.mlp.fc11",
            [BERT_DOWN] = "encoder.layers.%d.mlp.fc2",
            [BERT_NORM] = "encoder.layers.%d.norm2",
        },
        .off = { "prenorm", "causal", "use_rms_norm", "parallel_block",
                 "rotary_emb_interleaved", "rotary_emb_scale_base",
                 "scale_attn_by_inverse_layer_idx", NULL },
    },
};

enum { ROWS = sizeof table / sizeof *table };

static const struct bert_architecture *by_type(const char *type)
{
    for (int i = 0; i < ROWS; i++)
        if (strcmp(table[i].model_type, type) == 0)
            return &table[i];
    return NULL;
}

/* "BertModel", "RobertaForMaskedLM"; a hint is the class itself, in its own case. */
static const struct bert_architecture *by_class(const char *name, bool whole)
{
    for (int i = 0; i < ROWS; i++) {
        size_t n = strlen(table[i].class);

        if (strncasecmp(table[i].class, name, n) == 0
            && (whole ? name[n] == '\0'
                      : strncmp(name + n, "Model", 5) == 0 || strncmp(name + n, "For",
                                                                      3) == 0))
            return &table[i];
    }
    return NULL;
}

static bool has_file(const hf_folder *h, const char *name)
{
    char *path = file_join(hf_path(h), name);
    bool there = file_exists(path);

    free(path);
    return there;
}

/* A config.json of 2019 says nothing, but its tensors and vocabulary do. */
static const struct bert_architecture *by_files(const hf_folder *h)
{
    static const struct {
        const char *type, *tensor, *file;
    } signs[] = {
        { "distilbert", "distilbert.transformer.layer.0.ffn.lin1.weight", NULL },
        { "distilbert", "transformer.layer.0.ffn.lin1.weight", NULL },
        { "mpnet", "mpnet.encoder.relative_attention_bias.weight", NULL },
        { "mpnet", "encoder.relative_attention_bias.weight", NULL },
        { "roberta", NULL, "merges.txt" },
        { "bert", NULL, "vocab.txt" },
    };

    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (signs[i].tensor ? hf_find(h, signs[i].tensor) != NULL
                            : has_file(h, signs[i].file))
            return by_type(signs[i].type);
    return NULL;
}

/* Takes over what the row does not say from the row it is like. */
static void inherit(struct bert_architecture *a, const struct bert_architecture *from)
{
    for (int i = 0; i < BERT_NAMES; i++)
        if (!a->name[i])
            a->name[i] = from->name[i];
    if (!a->positions)
        a->positions = from->positions;
    a->like = from->like;
}

/* "bert, roberta, ...", with the decoders that sentence_model.c knows. */
static char *all_types(void)
{
    char *list = mem_string("");

    for (int i = 0; i < ROWS; i++) {
        char *longer = mem_format("%s%s%s", list, i == 0 ? "" : ", ",
                                  table[i].model_type);

        free(list);
        list = longer;
    }
    return list;
}

int bert_architecture_find(struct bert_architecture *a, const hf_folder *h,
                           const char *hint, struct error *e)
{
    const struct json_file *c = hf_config(h);
    const json_t *first = json_array_get(json_object_get(c->root, "architectures"), 0);
    const struct bert_architecture *row = NULL;
    const char *type;

    if (json_text_or(c, "model_type", "", &type, e) < 0)
        return -1;
    if (*type)
        row = by_type(type);
    else {
        if (json_is_string(first))
            row = by_class(json_string_value(first), false);
        if (!row && !first && hint)
            row = by_class(hint, true);
        if (!row && !first)
            row = by_files(h);
    }
    if (!row) {
        char *list = all_types();

        fail(e, "%s: model_type \"%.60s\", expected %s or " SENTENCE_DECODER, c->path,
             *type ? type : json_is_string(first) ? json_string_value(first) : "", list);
        free(list);
        return -1;
    }
    *a = *row;
    while (a->like)
        inherit(a, by_type(a->like));
    for (int i = 0; i < BERT_NAMES; i++)
        if (!a->name[i])
            a->name[i] = "";
    return 0;
}
