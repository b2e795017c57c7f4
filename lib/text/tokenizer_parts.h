/* What a tokenizer is made of: read by tokenizer_open.c, used by tokenizer.c. */
#ifndef TEXT_TOKENIZER_PARTS_H
#define TEXT_TOKENIZER_PARTS_H

#include "text/bpe.h"
#include "text/normalizer.h"
#include "text/tokenizer.h"
#include "text/trie.h"
#include "text/unigram.h"
#include "text/wordpiece.h"

/* A token that is found in the text before it is cut into words. */
struct added_token {
    struct runes text;
    int id;
    bool normalized; /* looked for in the normalised text */
    bool lstrip, rstrip; /* swallows white space before, after it */
};

/* How normalised text is cut into words. */
enum precut_kind {
    PRECUT_BERT,      /* at white space, which goes, and punctuation by itself */
    PRECUT_SPACES,    /* at white space, which goes */
    PRECUT_METASPACE, /* blanks become a mark, which begins a word */
};

struct precut {
    enum precut_kind kind;
    int32_t mark;
    enum { PREPEND_NEVER, PREPEND_FIRST, PREPEND_ALWAYS } prepend;
    bool split;
};

enum { PRECUTS = 4 };

struct tokenizer {
    struct normalizer normalizer;
    struct precut precut[PRECUTS];
    int precuts;
    enum { MODEL_WORDPIECE, MODEL_UNIGRAM, MODEL_BPE } model;
    struct wordpiece wordpiece;
    struct unigram unigram;
    struct bpe *bpe;   /* cuts by itself */
    bool prefix_space; /* bpe: a blank before what does not begin with one */
    struct added_token *added;
    long addeds, added_room;
    struct trie raw, normal; /* of added tokens, in raw and in normalised text */
    struct token_list before, after; /* [CLS], [SEP] */
};

/* Adds a token to `added`; not to the tries, which are made when all are there. */
void tokenizer_add(tokenizer *t, const char *text, struct added_token a);

/* The id of a token by its text, from the added tokens or the vocabulary; -1 if none. */
int tokenizer_find(const tokenizer *t, const char *text);

/* Puts a token before or behind every text; -1 and the reason where there is none. */
int tokenizer_put_around(const tokenizer *t, struct token_list *list, const char *path,
                         const char *text, struct error *e);

/* What tokenizer.json says.  Returns 0, or -1 and the reason in e. */
int tokenizer_read_json(tokenizer *t, const struct json_file *f, struct error *e);

#endif
