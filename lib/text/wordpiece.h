/* The WordPiece model: every word is covered greedily by the longest pieces of the
 * vocabulary; a word that cannot be covered, or is too long, is one unknown token. */
#ifndef TEXT_WORDPIECE_H
#define TEXT_WORDPIECE_H

#include "formats/json_file.h"
#include "text/token_list.h"
#include "text/vocab.h"

#include <stdint.h>

struct wordpiece {
    struct vocab vocab;
    char *prefix;  /* of pieces inside a word: "##" */
    int unknown;   /* id of [UNK] */
    long word_max; /* characters; longer words are unknown */
};

/* Reads tokenizer.json's "model".  Returns 0, or -1 and the reason in e.  Release w with
 * wordpiece_free in any case. */
int wordpiece_read(struct wordpiece *w, const struct json_file *model, struct error *e);

/* Reads vocab.txt: a word a line, numbered from 0, with "[UNK]" among them. */
int wordpiece_read_lines(struct wordpiece *w, const char *path, struct error *e);
void wordpiece_free(struct wordpiece *w);

/* Room for wordpiece_encode; all zero at first, freed with wordpiece_room_free. */
struct wordpiece_room {
    char *text;
    size_t *at;
    long size;
};

void wordpiece_room_free(struct wordpiece_room *r);

/* Appends the ids of a word of n code points. */
void wordpiece_encode(const struct wordpiece *w, struct wordpiece_room *r,
                      const int32_t *c, long n, struct token_list *out);

#endif
