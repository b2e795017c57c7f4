/* BPE tokenizers from the files they come in. */
#ifndef TEXT_BPE_FILES_H
#define TEXT_BPE_FILES_H

#include "formats/gguf_write.h"
#include "text/bpe.h"
#include "util/error.h"

#include <jansson.h>

/* In GGUF files of SentencePiece's kind: 2 * enum bpe_space, and 1 for space_once. */
#define BPE_SPACE_KEY "millrace.tokenizer.space"

/* From tokenizer.ggml.*: model "gpt2" with a `pre` that bpe_pre_find knows, or "llama".
 * NULL and the reason, or free with bpe_free; g may be closed. */
struct bpe *bpe_from_gguf(const struct gguf *g, struct error *e);

/* From a Hugging Face folder: tokenizer.json, or where it has none vocab.json
 * and merges.txt (cut as GPT-2); tokenizer_config.json and special_tokens_map.json,
 * where they are, name start and end token. */
struct bpe *bpe_from_folder(const char *folder, struct error *e);

/* From the "model" and the "pre_tokenizer" of a tokenizer.json, without tokens beside its
 * vocabulary; to free with bpe_free.  Returns NULL and the reason in e where they are not
 * byte-level BPE. */
struct bpe *bpe_from_json(const json_t *tokenizer, struct error *e);

/* The tokenizer as tokenizer.ggml.*, for a model of `vocab` tokens (ids beyond the
 * tokenizer's are unused ones).  0, or -1 and the reason where the format cannot hold
 * it or there are more. */
int bpe_to_gguf(const struct bpe *b, int vocab, struct gguf_writer *w, struct error *e);

/* The letter of GPT-2's alphabet for a byte, as UTF-8 in at most 4 bytes: how many. */
size_t bpe_byte_letter(int byte, char letter[4]);

#endif
