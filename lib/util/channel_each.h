/* The files of a command line, one after the other, as text. */
#ifndef UTIL_CHANNEL_EACH_H
#define UTIL_CHANNEL_EACH_H

#include "util/channel.h"
#include "util/error.h"

/* Reads one file of a command line from in, until its end.  name is the file's name for
 * messages: its path, or "<stdin>".  Returns 0, or -1 and the reason in e. */
typedef int channel_use(struct channel *in, const char *name, void *data,
                        struct error *e);

/* Opens each of the paths (count) in turn and gives it to use, together with data.  "-"
 * is standard input, and so is a list of no paths.  Returns 0, or -1 and the reason in e:
 * use has failed, or a file cannot be opened or read. */
int channel_each(char *const *path, int count, channel_use *use, void *data,
                 struct error *e);

#endif
