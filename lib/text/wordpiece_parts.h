/* What a WordPiece tokenizer is made of: read by wordpiece_open.c, used by
 * wordpiece.c. */
#ifndef TEXT_WORDPIECE_PARTS_H
#define TEXT_WORDPIECE_PARTS_H

#include "text/bert_normalizer.h"
#include "text/vocab.h"
#include "text/wordpiece.h"

/* A token that is found in the text before it is cut into words. */
struct special_token {
    struct runes text;
    int id;
    bool normalized; /* looked for in the normalised text */
    bool lstrip, rstrip; /* swallows white space before, after it */
};

struct wordpiece {
    struct bert_normalizer normalizer;
    struct vocab vocab;
    char *prefix;      /* of pieces inside a word: "##" */
    int unknown;       /* id of [UNK] */
    long word_max;     /* characters; longer words are unknown */
    struct special_token *special;
    long specials, special_room;
    struct token_list before, after; /* [CLS], [SEP] */
};

#endif
