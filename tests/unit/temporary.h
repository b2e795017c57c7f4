/* A folder of a test's own, in TMPDIR or /tmp. */
#ifndef UNIT_TEMPORARY_H
#define UNIT_TEMPORARY_H

#include "util/file.h"
#include "util/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

/* A new folder; temporary_remove takes it away. */
static inline char *temporary_folder(void)
{
    const char *in = getenv("TMPDIR");
    char *folder = mem_format("%s/millrace-unit.XXXXXX", in && *in ? in : "/tmp");

    assert_non_null(mkdtemp(folder));
    return folder;
}

/* With what is in it. */
static inline void temporary_remove(char *folder)
{
    char *command = mem_format("rm -r '%s'", folder);

    assert_int_equal(system(command), 0);
    free(command);
    free(folder);
}

static inline void temporary_text(const char *folder, const char *name, const char *text)
{
    char *path = file_join(folder, name);
    FILE *f = fopen(path, "wb");

    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
    free(path);
}

#endif
