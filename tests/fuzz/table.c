/* Tables, JSON lines and MovieLens's item files, packed or not: each input is read as all
 * of them. */
#include "data/delimited.h"
#include "data/json_lines.h"
#include "data/movielens.h"
#include "memory.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

static const struct {
    const struct records_kind *kind;
    struct dialect dialect;
} ways[] = {
    { &delimited, { .separator = ",", .quotes = true, .guess = true } },
    { &delimited, { .separator = "\t", .typed = true } },
    { &delimited, { .separator = "::", .latin = true, .bare = true } },
    { &delimited,
      { .separator = ";", .quotes = true, .trim = true, .encoding = "utf-16" } },
    { &movielens_flags,
      { .separator = "|", .latin = true, .columns = movielens_flag_columns } },
    { &movielens_titles, { .separator = ",", .quotes = true, .guess = true } },
    { &json_lines, { .entities = true } },
};

/* Every byte of every field is looked at, each also as a number and a time. */
static unsigned look(struct records *r)
{
    struct moment time;
    struct error e;
    double number;
    unsigned sum = 0;

    for (int i = 0; i < r->columns; i++) {
        for (size_t k = 0; k <= r->length[i]; k++)
            sum += (unsigned char)r->field[i][k];
        if (r->field[i][r->length[i]] != 0)
            abort();
        sum += records_number(r, i, &number, &e) == 0;
        sum += records_moment(r, i, &time, &e) == 0;
    }
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd = memfd_create("table", 0);
    char path[64];
    unsigned sum = 0;

    quiet = true;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        abort();
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        struct records r;
        struct error e;

        if (records_open(&r, path, ways[i].kind, &ways[i].dialect, &e) == 0)
            while (records_next(&r, &e) > 0)
                sum += look(&r);
        records_close(&r);
    }
    close(fd);
    return sum == 1234567 ? -1 : 0;
}
