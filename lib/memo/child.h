/* The program that memo runs. */
#ifndef MEMO_CHILD_H
#define MEMO_CHILD_H

#include "memo/hold.h"

#include <stdbool.h>
#include <stddef.h>

/* Runs program without input, with words, of which the first is the program's name, and
 * with `extra` before the other words.  Returns the program's status.  Sets *text to what
 * the program printed (*size bytes, then a NUL), which the caller frees. */
int child_ask(const char *program, char **words, const char *extra, char **text,
              size_t *size);

/* Runs program with words from descriptor in, which stays open (-1: it reads nothing).
 * What it writes is added to out.  The program's messages go where memo's go.  The
 * program ends when memo ends.  Returns the program's status, or 128 + N with a message
 * where signal N has ended it.  Ends both where nobody reads memo's own output any
 * more. */
int child_run(const char *program, char **words, int in, struct hold *out);

/* Ends memo, as a closed pipe would, where nobody reads memo's output. */
void child_check_reader(void);

#endif
