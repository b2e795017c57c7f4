/* Model files with something changed, in a temporary folder. */
#ifndef TESTS_UNIT_MODEL_FOLDER_H
#define TESTS_UNIT_MODEL_FOLDER_H

#include "llm/decoder_load.h"
#include "temporary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *folder;

static inline void write_file(const char *name, const unsigned char *data, size_t n)
{
    char *path = file_join(folder, name);
    FILE *f = fopen(path, "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
    free(path);
}

/* folder/name = the file with every `from` replaced by `to` (from NULL: as it is),
 * cut to `size` bytes where that is less. */
static inline void copy_with(const char *path, const char *name, const char *from,
                             const char *to, size_t size)
{
    struct mapped m;
    struct error e;
    unsigned char *out;
    size_t n = 0, length = from ? strlen(from) : 1;
    int found = 0;

    assert_int_equal(file_map(&m, path, &e), 0);
    out = mem_new(m.size + 4096, 1);
    for (size_t i = 0; i < m.size;)
        if (from && m.size - i >= length && !memcmp(m.data + i, from, length)) {
            memcpy(out + n, to, strlen(to));
            n += strlen(to);
            i += length;
            found++;
        } else {
            out[n++] = m.data[i++];
        }
    assert_true(!from || found);
    write_file(name, out, n < size ? n : size);
    free(out);
    file_unmap(&m);
}

static inline void refused(const char *path, const char *says)
{
    struct error e = { "nothing" };
    struct decoder *m = decoder_load(path, FROZEN_REAL, &e);

    if (m)
        fail_msg("loaded: expected '%s'", says);
    if (!strstr(e.text, says) || !strstr(e.text, folder))
        fail_msg("'%s' does not say '%s'", e.text, says);
}

static inline int make_temporary(void **state)
{
    (void)state;
    folder = temporary_folder();
    return 0;
}

static inline int remove_temporary(void **state)
{
    (void)state;
    temporary_remove(folder);
    return 0;
}

#endif
