/* Byte-level BPE, the tokenizer family of GPT-2: text is cut into pieces by a
 * regular expression, each piece's bytes are tokens, and neighbours are merged
 * in the order of the merge list.
 *
 * Plain text never becomes a special token: "<|im_end|>" in a title is encoded
 * as its characters.  bpe_special looks special tokens up.  Encoding is equal to
 * Hugging Face's tokenizer on every text that holds no special or added token;
 * bytes that are not UTF-8 are refused.
 *
 * A bpe is read-only once it is made: threads may share it. */
#ifndef TEXT_BPE_H
#define TEXT_BPE_H

#include "util/error.h"

#include <stdbool.h>
#include <stddef.h>

struct bpe;

/* How text is cut into pieces; names as in tokenizer.ggml.pre. */
enum bpe_cut {
    BPE_GPT2,   /* "gpt-2", "gpt2" */
    BPE_SMOLLM, /* "smollm": each digit by itself, then as GPT-2 */
    BPE_LLAMA3, /* "llama-bpe", "llama3" */
    BPE_QWEN2,  /* "qwen2" */
};

/* -1 and the reason where the name is not one of the above. */
int bpe_cut_find(const char *name, struct error *e);

enum bpe_kind {
    BPE_NORMAL,
    BPE_SPECIAL, /* a control token: never comes from text, decodes to nothing */
    BPE_ADDED,   /* user-defined: wherever its text stands in a text, it is this token */
    BPE_UNUSED,
};

/* Bytes, not zero-terminated. */
struct bpe_text {
    const char *data;
    size_t size;
};

/* What a tokenizer is made of.  Tokens and merges are written in GPT-2's
 * alphabet (a byte each character: "Ġ" for the space), merges as two texts. */
struct bpe_source {
    size_t tokens, merges;
    const struct bpe_text *token;      /* [tokens], by id */
    const enum bpe_kind *kind;         /* [tokens] */
    const struct bpe_text (*merge)[2]; /* [merges], the earliest is made first */
    enum bpe_cut cut;
    bool whole_pieces; /* a piece that is a token is taken as it is, unmerged */
    bool compose;      /* text is brought to Unicode's form NFC first; the reference
                          does not know combining marks newer than Unicode 9 */
    int bos, eos;      /* -1: there is none */
    bool add_bos;      /* a text begins with bos */
};

/* NULL and the reason, or free with bpe_free; nothing of the source is kept. */
struct bpe *bpe_new(const struct bpe_source *source, struct error *e);
void bpe_free(struct bpe *t);

/* The ids of n bytes of UTF-8; *ids is new, free(*ids).  Their number, or -1 and
 * the reason.  Nothing is added: for the start token see bpe_adds_bos. */
int bpe_encode(const struct bpe *t, const char *text, size_t n, int **ids,
               struct error *e);

/* The bytes of n ids, zero-terminated, new; *size (may be NULL) without the zero.
 * Special tokens have none.  NULL and the reason where an id is not a token. */
char *bpe_decode(const struct bpe *t, const int *ids, size_t n, size_t *size,
                 struct error *e);

/* Returns the number of tokens; ids are below it. */
int bpe_tokens(const struct bpe *t);

/* The bytes of a token, within t ("<|im_end|>" for a special one); id is one of
 * 0 .. bpe_tokens - 1. */
struct bpe_text bpe_token(const struct bpe *t, int id);
bool bpe_is_special(const struct bpe *t, int id);

/* The id of a special or added token by its text ("<|im_end|>"), -1 if none. */
int bpe_special(const struct bpe *t, const char *text);

/* Start and end of a text, -1 where the tokenizer has none. */
int bpe_bos(const struct bpe *t);
int bpe_eos(const struct bpe *t);

/* Whether the tokenizer begins every text with its start token. */
bool bpe_adds_bos(const struct bpe *t);

#endif
