/* Prompts as rows for the LLM: tokens of text and places of soft tokens. */
#ifndef PROMPT_PROMPT_H
#define PROMPT_PROMPT_H

#include "prompt/template.h"
#include "stream/tensor.h"
#include "text/bpe.h"

/* A row is a token id, or one of these. */
#define CODE_USER (-1)
#define CODE_GUESS(k) (-2 - (k))
#define CODE_IS_GUESS(code) ((code) <= -2 && (code) > CODE_ITEM(0))
#define CODE_GUESS_OF(code) (-2 - (code))
#define CODE_ITEM(i) (-2 - PROMPT_GUESSES - (i))
#define CODE_IS_ITEM(code) ((code) <= CODE_ITEM(0))
#define CODE_ITEM_OF(code) (-2 - PROMPT_GUESSES - (code))

enum { PROMPT_GUESSES = 4 }; /* soft tokens that [guess] stands for, at most */

/* What all prompts of a run have in common; borrows everything. */
struct prompter {
    const struct template *template;
    const struct bpe *bpe;
    const struct texts *titles;
    const struct texts *choices; /* what there is to choose among; NULL: the items */
    struct template_words words; /* all said */
    bool users, items;        /* are there soft tokens at all? */
    int guesses;              /* soft tokens that [guess] stands for; 0: none */
    const bool *item_present; /* (items): NULL where every item has a vector */
};

/* One user's part: the history is oldest first. */
struct prompt_user {
    bool present; /* has a vector */
    bool guessed; /* has a guess about the candidates */
    const int *history;
    int history_count;
};

struct codes {
    int *list;
    int n, room;
};

/* Append codes of the prompt to out: prompt_shared the lines that all users of a list
 * share, prompt_own the lines of the user u.  Both in this order make the whole prompt.
 * Return 0, or -1 and the reason in e: a text is not valid UTF-8. */
int prompt_shared(struct codes *out, const struct prompter *p, const int *candidates,
                  int count, struct error *e);
int prompt_own(struct codes *out, const struct prompter *p, const struct prompt_user *u,
               const int *candidates, int count, struct error *e);

/* Appends to out the tokens of the answer that names the item (or the choice, where there
 * are choices), and end-of-sequence where the tokenizer has one.  Returns 0, or -1 and
 * the reason in e. */
int prompt_answer(struct codes *out, const struct prompter *p, int item, struct error *e);

/* Returns the title of an item, or of a choice, and its number of UTF-8 bytes. */
const char *prompt_title(const struct prompter *p, int item);
size_t prompt_title_bytes(const struct prompter *p, int item);

/* Returns how many codes all of parts (count) begin with: the same ones, none of which
 * stands for a user or a guess, and fewer than the shortest part has. */
int codes_common(const struct codes *parts, int count);
void codes_free(struct codes *c);

#endif
