/* BPE: a text is cut into pieces, each piece is tokens, and neighbours are merged in the
 * order of a merge list.  Two kinds:
 *
 *   byte-level, GPT-2's family: pieces by regular expressions, a token for each byte
 *   SentencePiece's, Llama 2's: a whole text is a piece and begins with a space of its
 *   own; a token for each character, and bytes where a character has none
 *
 * Plain text never becomes a special token: "<|im_end|>" in a title is encoded
 * as its characters.  bpe_special looks special tokens up.  Encoding is equal to
 * Hugging Face's tokenizer on every text that holds no special token; bytes that
 * are not UTF-8 are refused.
 *
 * A bpe is read-only once it is made: threads may share it. */
#ifndef TEXT_BPE_H
#define TEXT_BPE_H

#include "util/error.h"

#include <stdbool.h>
#include <stddef.h>

struct bpe;

/* How text is cut into pieces; bpe_pre.c has the names that GGUF files give them. */
enum bpe_cut {
    BPE_GPT2,
    BPE_SMOLLM, /* each digit by itself, then as GPT-2 */
    BPE_LLAMA3,
    BPE_QWEN2,
    BPE_QWEN35, /* Qwen 3.5's */
    BPE_TEKKEN, /* Mistral's */
    BPE_GPT4O,
    BPE_FALCON,
    BPE_DEEPSEEK_LLM,
    BPE_DEEPSEEK_CODER,
    BPE_DEEPSEEK_V3,
    BPE_SEED_CODER,
    BPE_OWN, /* the source's own expressions, or none */
};

enum { BPE_STAGES = 8 }; /* expressions at most, one after the other */

/* What a name in tokenizer.ggml.pre says; for the fields see struct bpe_source. */
struct bpe_pre {
    const char *name;
    enum bpe_cut cut;
    bool whole_pieces, compose;
};

/* NULL and the reason where the name is not known. */
const struct bpe_pre *bpe_pre_find(const char *name, struct error *e);

/* The first name that says all this, NULL: there is none. */
const char *bpe_pre_name(enum bpe_cut cut, bool whole_pieces, bool compose);

/* The known cut of these expressions (BPE_STAGES, NULL after the last), or BPE_OWN.  An
 * end of a line may be written as itself or as \r and \n. */
enum bpe_cut bpe_cut_of(const char *const *expressions);

/* The expressions of GPT-2, which are a step of others. */
const char *bpe_cut_gpt2(void);

/* Where SentencePiece's kind puts a space of its own. */
enum bpe_space { BPE_NO_SPACE, BPE_SPACE_FIRST, BPE_SPACE_EVERY };

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

/* Of an added token: takes white space before it, after it; is no part of a word. */
enum { BPE_STRIP_LEFT = 1, BPE_STRIP_RIGHT = 2, BPE_SINGLE_WORD = 4 };

/* What a tokenizer is made of.  Tokens and merges are written in GPT-2's
 * alphabet (a byte each character: "Ġ" for the space), merges as two texts. */
struct bpe_source {
    size_t tokens, merges;
    const struct bpe_text *token;      /* [tokens], by id */
    const enum bpe_kind *kind;         /* [tokens] */
    const struct bpe_text (*merge)[2]; /* [merges], the earliest is made first */
    enum bpe_cut cut;
    const char *own[BPE_STAGES];       /* BPE_OWN's expressions, NULL after the last */
    const unsigned char *sides;        /* [tokens] or NULL: BPE_STRIP_... of added ones */
    bool pieces;       /* SentencePiece's kind: tokens write the space as "\u2581", bytes
                          as "<0x0A>" */
    enum bpe_space space; /* pieces: before a text's beginning, or also behind each
                             user-defined token within it */
    bool space_once;   /* pieces: not where a space is there already */
    const float *score; /* [tokens] instead of merges: what makes a token of higher score
                           is merged first */
    int unknown;       /* pieces: a character without a token or bytes; -1: none */
    bool fuse_unknown; /* pieces: several of them in a row are one */
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

/* The same for a text that goes on after another, or after a soft token: without the
 * space that SentencePiece's kind puts before a text. */
int bpe_encode_next(const struct bpe *t, const char *text, size_t n, int **ids,
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
