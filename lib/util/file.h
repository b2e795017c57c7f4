/* Files: mapped whole, written by atomic rename, found by name. */
#ifndef UTIL_FILE_H
#define UTIL_FILE_H

#include "util/channel.h"
#include "util/error.h"

#include <stddef.h>
#include <stdio.h>

/* A file mapped read-only.  An empty file has size 0 and data NULL. */
struct mapped {
    const unsigned char *data;
    size_t size;
};

/* 0, or -1 and the reason in e (which names the path).  Release with file_unmap. */
int file_map(struct mapped *m, const char *path, struct error *e);
void file_unmap(struct mapped *m);

/* A file that appears under its name only once it is whole; until then it is PATH.tmp,
 * which whoever writes PATH next takes over where a program was killed.  One that is
 * being written by another program is waited for.  a stays where it is. */
struct atomic_file {
    char *path, *temporary;
    FILE *f;
    struct channel channel;
};

int file_begin(struct atomic_file *a, const char *path, struct error *e);

/* Flushes, syncs and renames; 0, or -1 and nothing is left behind. */
int file_commit(struct atomic_file *a, struct error *e);

/* Removes what was written. */
void file_abandon(struct atomic_file *a);

/* The path of a model or data set.  A name without '/' that does not exist
 * here is looked up in the folders of MILLRACE_PATH, by default the fetched
 * samples of the source tree.  NULL and the reason in e, or free with free(). */
char *file_find(const char *name, struct error *e);

/* "folder/name" as a new string; free with free(). */
char *file_join(const char *folder, const char *name);

bool file_is_folder(const char *path);
bool file_exists(const char *path);

/* Borrowed from path: what follows its last '/'. */
const char *file_base(const char *path);

#endif
