/* How files name a decoder's parts: Hugging Face's state dicts, and GGUF.
 *
 * GGUF's names and keys are llama.cpp's.  It has no opt; ours follows its conventions
 * (gpt2's, where that has the part): general.architecture "opt",
 *
 *     opt.block_count, opt.context_length, opt.embedding_length,
 *     opt.feed_forward_length, opt.attention.head_count   u32, as for llama
 *     opt.attention.layer_norm_epsilon       f32
 *     opt.embedding_projection_length        u32   embed_width; absent: embedding_length
 *     opt.norm_before                        bool  do_layer_norm_before; absent: true
 *     opt.final_norm                         bool  absent: as norm_before
 *     opt.biases                             bool  enable_bias; absent: true
 *
 * and position_embd.weight with all its rows, the offset's included. */
#ifndef LLM_DECODER_NAMES_H
#define LLM_DECODER_NAMES_H

#include "llm/decoder.h"

/* NULL: there is no such matrix.  Those of a layer that share a name lie one behind the
 * other in one tensor, in enum decoder_matrix's order. */
struct decoder_names {
    const char *prefix[4]; /* of all but the head: one of these; ends with NULL */
    const char *layers;    /* where layers are, after the prefix */
    const char *of[DECODER_MATRICES];
};

extern const struct decoder_names decoder_hf_llama, decoder_hf_gemma2, decoder_hf_olmo2,
    decoder_hf_phi3, decoder_hf_neox, decoder_hf_gpt2, decoder_hf_opt;
extern const struct decoder_names decoder_gguf_usual, decoder_gguf_phi3,
    decoder_gguf_fused;

/* The full name, or NULL where there is none; the caller frees. */
char *decoder_name(const struct decoder_names *names, const char *prefix,
                   enum decoder_matrix what, int layer);

/* Of the matrices that share a tensor with `what`: the first (maybe itself). */
enum decoder_matrix decoder_names_first(const struct decoder_names *names,
                                        enum decoder_matrix what);

/* Rows of a tensor, or numbers of a vector, that stand before those of `what`
 * (DECODER_MATRICES: of all), for the tensor that begins with `first`. */
int decoder_names_rows(const struct decoder_names *names, const struct decoder_config *c,
                       enum decoder_matrix first, enum decoder_matrix what);

#endif
