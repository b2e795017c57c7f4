/* Inputs that mattered to the fuzzers (tests/fuzz/kept/READER/) through their readers:
 * words or tensors, and nothing for the sanitizers to say. */
#include "../fuzz/stream.c" /* its frames are read with their sums put right */

#include "util/file.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

/* Every file of the folder; there must be some. */
static void read_folder(const char *name, unsigned read(const char *path))
{
    char *folder = file_join("tests/fuzz/kept", name);
    DIR *d = opendir(folder);
    struct dirent *entry;
    int files = 0;

    assert_non_null(d);
    while ((entry = readdir(d)))
        if (entry->d_name[0] != '.') {
            char *path = file_join(folder, entry->d_name);

            read(path);
            files++;
            free(path);
        }
    closedir(d);
    free(folder);
    assert_true(files > 0);
}

static void gguf(void **state)
{
    (void)state;
    read_folder("gguf", read_gguf);
}

static void safetensors_files(void **state)
{
    (void)state;
    read_folder("safetensors", read_safetensors);
}

static void torch_files(void **state)
{
    (void)state;
    read_folder("torch", read_torch);
}

static unsigned read_frames(const char *path)
{
    struct mapped m;
    struct error e;

    assert_int_equal(file_map(&m, path, &e), 0);
    LLVMFuzzerTestOneInput(m.data, m.size);
    file_unmap(&m);
    return read_stream(path);
}

static void streams(void **state)
{
    (void)state;
    read_folder("stream", read_frames);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gguf),
        cmocka_unit_test(safetensors_files),
        cmocka_unit_test(torch_files),
        cmocka_unit_test(streams),
    };

    return cmocka_run_group_tests_name("kept", tests, NULL, NULL);
}
