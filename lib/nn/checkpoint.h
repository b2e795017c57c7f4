/* The state of a trainer in one file that appears whole or not at all: named
 * sections of bytes, and a digest of the inputs and options they belong to.
 *
 *   1. "millrace checkpoint 1\n" and the trainer's name, zero-padded to 64 bytes
 *   2. digest, u64; number of sections, u64
 *   3. each section: name zero-padded to 32 bytes, length u64, the bytes
 *   4. the options, "name value" a line: they say which one another command line changes
 *   5. XXH3-64 of all that, u64.  Numbers are little-endian. */
#ifndef NN_CHECKPOINT_H
#define NN_CHECKPOINT_H

#include "util/error.h"

#include <stddef.h>
#include <stdint.h>

struct checkpoint_section {
    const char *name; /* at most 31 bytes */
    void *data;       /* written from here, read to here */
    size_t bytes;     /* must be equal when read */
};

struct checkpoint {
    const char *trainer; /* "cf-train" */
    uint64_t digest;     /* of inputs and options; a different one is refused */
    const struct checkpoint_section *sections;
    int count;
    const char *const *except; /* the options that digest leaves out */
};

/* Returns a digest of the inputs' digest, the seed and every recorded option of the
 * program but those named in except (closed by NULL; may be NULL). */
uint64_t checkpoint_digest(uint64_t inputs, const char *const *except);

/* Writes c to the file at path.  The old file stays until the new one is whole.  Returns
 * 0, or -1 and the reason in e. */
int checkpoint_save(const char *path, const struct checkpoint *c, struct error *e);

/* Reads the file at path and fills all sections of c.  Returns 0, or -1 and the reason in
 * e with no section filled.  The reason for another digest names an option whose value is
 * another one; where there is none, the inputs are others. */
int checkpoint_load(const char *path, const struct checkpoint *c, struct error *e);

#endif
