/* The program that memo runs. */
#ifndef MEMO_CHILD_H
#define MEMO_CHILD_H

#include <stdbool.h>
#include <stddef.h>

/* Runs program with words (the first is its name), `extra` before the other ones, and
 * no input: its status, and what it printed in *text, closed by a NUL, to be freed. */
int child_ask(const char *program, char **words, const char *extra, char **text,
              size_t *size);

/* Runs it from file in to file out, descriptors that stay open; its messages go where
 * memo's go.  It dies with memo.  Returns its status, 128 + N and a message where
 * signal N has ended it.  If meanwhile nobody reads memo's own output any more, ends
 * both. */
int child_run(const char *program, char **words, int in, int out);

/* Ends memo as a closed pipe does where nobody reads its output. */
void child_check_reader(void);

#endif
