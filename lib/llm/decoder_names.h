/* How files name a decoder's parts: Hugging Face's state dicts, and GGUF.
 *
 * GGUF's names and keys for llama are llama.cpp's.  It has no opt; ours follows its
 * conventions (gpt2's, where that has the part): general.architecture "opt",
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

/* "llama", "opt": both config.json's model_type and general.architecture. */
const char *decoder_architecture_name(enum decoder_architecture a);

/* 0 and *a, or -1 where no architecture has the name. */
int decoder_architecture_find(const char *name, enum decoder_architecture *a);

/* The names of all architectures, for messages: "'llama' or 'opt'". */
const char *decoder_architecture_list(void);

/* Hugging Face's name of a tensor in a state dict that begins with prefix ("model.",
 * in base models ""), or NULL where the architecture has none; the caller frees. */
char *decoder_hf_name(enum decoder_architecture a, const char *prefix,
                      enum decoder_matrix what, int layer);

/* GGUF's name; the caller frees. */
char *decoder_gguf_name(enum decoder_architecture a, enum decoder_matrix what, int layer);

#endif
