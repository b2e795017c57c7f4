/* Bytes in memory that grow, and files of them. */
#ifndef FAULTS_BYTES_H
#define FAULTS_BYTES_H

#include <stdbool.h>
#include <stddef.h>

struct bytes {
    unsigned char *p;
    size_t n, room;
};

void bytes_add(struct bytes *b, const void *p, size_t n);
void bytes_free(struct bytes *b);
bool bytes_equal(const struct bytes *a, const struct bytes *b);

/* The whole file; false where there is none. */
bool bytes_read(struct bytes *b, const char *path);
void bytes_write(const struct bytes *b, const char *path);

/* A new file in memory that holds them, at its beginning. */
int bytes_file(const struct bytes *b);

/* All that an open file holds. */
struct bytes bytes_of(int fd);

#endif
