/* Prompt templates: text files, one part a line, `#` begins a comment.
 *
 *     candidate: [item]{title}        one entry of {candidates}
 *     history: [item]{title}          one entry of {history}
 *     separator: \n                   between entries
 *     text: Films to choose from:\n   a part of the prompt, in order, any number
 *     text: {candidates}\n
 *     text: This user's taste: [user]
 *     text: Most likely: [guess]
 *     answer: {title}                 what the model is to say for a candidate
 *     noun: film                      what {noun} stands for; likewise verb and past
 *     bos: none                       place of the start token
 *
 * Slots: [user], [guess] and [item] are soft tokens; {title} {history} {candidates}
 * {noun} {verb} {past} are text.  Entries take [item] and {title}, the answer one
 * {title}, text lines [user], [guess], {history} and {candidates}.  What follows "key: "
 * is taken to the end of the line; \n, \s (a space, also at the end) and \\ are escapes.
 * A text line whose [user] or [guess] vector is absent is dropped whole, so that no words
 * dangle; an [item] without vector vanishes from its entry. */
#ifndef PROMPT_TEMPLATE_H
#define PROMPT_TEMPLATE_H

#include "util/error.h"

#include <stdbool.h>

/* Where the start token is; unsaid where nobody has said so. */
enum template_bos { BOS_UNSAID = -1, BOS_AUTO, BOS_BEFORE, BOS_AFTER, BOS_NONE };

extern const char *const template_bos_names[]; /* from BOS_AUTO on, then NULL */

/* What a template's slots stand for, borrowed; NULL where it is unsaid. */
struct template_words {
    const char *noun, *verb, *past;
    enum template_bos bos;
};

struct template_line {
    char *text;
    bool has_user, has_guess, has_history;
};

struct template {
    char *source; /* the whole file, for the history of a stream */
    char *candidate, *history, *separator, *answer;
    char *noun, *verb, *past, *bos; /* NULL where the file does not say */
    struct template_line *lines;
    int count, room;
    bool lists; /* {candidates} are in it */
};

/* Reads a template into t.  name is a built-in name ("recall", "published", "open"), a
 * path, or a template's own source (anything with a line end in it).  Returns 0, or -1
 * and the reason in e, also where the template has no answer, or an entry of candidates
 * that no line lists.  Release t with template_free. */
int template_load(struct template *t, const char *name, struct error *e);

/* Reads a template into t as template_load does, but the template needs no more than a
 * text line: the LLM writes behind it. */
int template_load_text(struct template *t, const char *name, struct error *e);

void template_free(struct template *t);

/* Returns what the template says of its words and of the start token; borrows from t. */
struct template_words template_words(const struct template *t);

/* Takes from other what w leaves unsaid. */
void template_words_fill(struct template_words *w, const struct template_words *other);

/* Returns the enum template_bos of that name, or BOS_UNSAID where no place has it. */
enum template_bos template_bos_find(const char *name);

/* Returns how many leading lines are the same for all users that share a list of
 * candidates: the lines before the first [user], [guess] or {history}. */
int template_shared_lines(const struct template *t);

/* Does a line of the prompt hold a [user], or a [guess]? */
bool template_has_user(const struct template *t);
bool template_has_guess(const struct template *t);

/* The built-in names, closed by NULL. */
extern const char *const template_names[];

#endif
