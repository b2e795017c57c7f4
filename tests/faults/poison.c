/* Puts one number into a stream, so that readers can be tried with it; every sum is
 * right:
 *
 *     poison NAME nan|inf < STREAM > STREAM
 *
 * It replaces the last number of the f4 tensor of that name, in its last row. */
#include "stream/store.h"
#include "stream/writer.h"
#include "util/error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *wanted_name;

static bool wanted(const char *name)
{
    return strcmp(name, wanted_name) == 0;
}

int main(int argc, char **argv)
{
    struct store all = { 0 };
    struct writer *out = writer_new(STDOUT_FILENO);
    const struct stored *s;
    struct series_out series;
    struct error e;
    size_t n;

    program_name = "poison";
    if (argc != 3)
        die("usage: poison NAME nan|inf < STREAM");
    wanted_name = argv[1];
    if (store_read(&all, "-", wanted, &e) < 0)
        die("%s", e.text);
    s = store_find(&all, argv[1]);
    n = s ? tensor_bytes(&s->tensor) / sizeof(float) : 0;
    if (!s || s->is_text || s->tensor.type != DT_F4 || n == 0)
        die("no numbers '%s' of type f4", argv[1]);
    ((float *)s->tensor.data)[n - 1] = strtof(argv[2], NULL);
    series = (struct series_out){ s->name, &s->tensor, NULL, s->attrs };
    writer_head(out, program_name, "1", NULL, NULL);
    writer_group(out, &series, 1);
    if (writer_close(out) != 0)
        die("cannot write");
    store_free(&all);
    return 0;
}
