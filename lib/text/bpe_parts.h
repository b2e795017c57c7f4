/* What bpe.c and bpe_*.c share; for these alone. */
#ifndef TEXT_BPE_PARTS_H
#define TEXT_BPE_PARTS_H

#include "text/bpe.h"
#include "text/vocab.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdint.h>

/* left and right become id; the lowest rank goes first. */
struct bpe_merge {
    uint64_t pair; /* left << 32 | right; NO_PAIR: a free place */
    int rank, id;
};

#define NO_PAIR UINT64_MAX

struct bpe {
    int tokens;
    struct bpe_text *token; /* [tokens], their bytes in arena */
    enum bpe_kind *kind;    /* [tokens] */
    bool *letters;          /* [tokens] was written in the alphabet */
    char *arena;
    int byte[256]; /* the token of a single byte, -1: there is none */
    struct vocab normal; /* the normal tokens by their bytes; of equal ones the first */
    struct bpe_merge *merge; /* [merges] by the hash of the pair */
    size_t merges;           /* a power of two */
    pcre2_code *cut[BPE_STAGES]; /* NULL: not that many stages */
    enum bpe_cut cut_name;
    int *added;      /* (addeds) tokens of kind BPE_ADDED that are not empty */
    int addeds, added_room;
    bool begins[256]; /* does one of these begin with the byte? */
    unsigned char *sides; /* [tokens] of added ones, NULL: none has any */
    bool whole_pieces, compose, add_bos;
    bool pieces, space_once, fuse_unknown;
    enum bpe_space space;
    int unknown;
    int bos, eos;
};

/* The normal token with these bytes, or -1. */
int bpe_find(const struct bpe *t, const char *data, size_t size);

/* The merge of two tokens, or NULL. */
const struct bpe_merge *bpe_find_merge(const struct bpe *t, int left, int right);

/* The code point that GPT-2's alphabet has for a byte. */
int bpe_letter(unsigned char byte);

/* An expression of tokenizer.json as PCRE2 (UTF, UCP, multiline) is to read it; new, or
 * NULL where it says something that PCRE2 has no words for. */
char *bpe_expression(const char *from);

/* Compiles a cut's expressions, own where it is BPE_OWN: one part after another is cut by
 * each, what matches and what lies between are parts of their own.  0, or -1 and the
 * reason. */
int bpe_cut_compile(enum bpe_cut cut, const char *const *own,
                    pcre2_code *code[BPE_STAGES], struct error *e);

/* The n bytes of UTF-8 as the expressions are to see them, as long and cut alike;
 * new, or NULL where that is the text itself. */
char *bpe_cut_view(const char *text, size_t n);

/* Of tokens written SentencePiece's way (bpe_pieces.c): the bytes, at most as many as
 * were written; *byte becomes the byte that "<0x0A>" names, or -1. */
size_t bpe_piece_bytes(struct bpe_text written, char *out, int *byte);

/* A text as the merges see it: "\u2581" is a space, and there is one before where
 * `space` is set; new, *n bytes. */
char *bpe_piece_text(const struct bpe *t, const char *text, size_t *n, bool space);

/* The ids of the characters of a piece, before merging: writes at most n, how many. */
size_t bpe_piece_characters(const struct bpe *t, const char *piece, size_t n, int *ids);

/* The longest user-defined token that stands at text + at, or -1 (bpe_added.c). */
int bpe_added_at(const struct bpe *t, const char *text, size_t n, size_t at);

/* Bytes of the white space that begins at `at`, or where `before` is set ends there and
 * begins at `least` or later; 0: none. */
size_t bpe_added_space(const char *text, size_t n, size_t at, size_t least, bool before);

/* Merges by scores instead of a list, into t. */
void bpe_piece_merges(struct bpe *t, const float *score);

/* Room for n merges, and one of them: left and right become id. */
void bpe_merges_new(struct bpe *t, size_t n);
void bpe_merges_put(struct bpe *t, int left, int right, int rank, int id);

#endif
