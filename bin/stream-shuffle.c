/* Gives rows to others: a control for what a model makes of whose row it is. */
#include "cli/cli.h"
#include "stream/filter.h"
#include "stream/store.h"
#include "util/error.h"
#include "util/mem.h"
#include "util/rng.h"

#include <stdlib.h>
#include <string.h>

static const char *names = NULL;

static const struct opt options[] = {
    { OPT_STRING, 'n', "name", &names,
      "move the rows of these: item.text, or A,B,... whose rows stay together" },
    { .type = OPT_END },
};

static const struct cli cli = {
    .summary = "put the rows of a tensor or text into a seeded order",
    .usage = "--name NAME [FILE...]",
    .example = "stream-shuffle --name item.text text.mr > other-texts.mr",
    .options = options,
    .flags = CLI_SEED | CLI_ONLY,
    .footer = "Every row goes to another owner, or by chance stays.  Attributes stay.",
};

/* A random order of the rows, the same for every name of as many rows. */
static int *order_of(int64_t rows)
{
    rng r = rng_keyed("stream-shuffle", cli_seed, 0, 0);
    int *order = mem_new((size_t)rows + 1, sizeof *order);

    for (int64_t i = 0; i < rows; i++)
        order[i] = (int)i;
    rng_shuffle(&r, order, (long)rows);
    return order;
}

static void put_tensor(struct filter *f, const struct stored *s, const int *order)
{
    struct tensor t = tensor_new(s->tensor.type, s->tensor.dims, s->tensor.shape);
    size_t bytes = tensor_row_bytes(&t);

    for (int64_t i = 0; i < tensor_rows(&t); i++)
        memcpy((char *)t.data + (size_t)i * bytes,
               (const char *)s->tensor.data + (size_t)order[i] * bytes, bytes);
    filter_put(f, s->name, &t, s->attrs);
    tensor_free(&t);
}

static void put_texts(struct filter *f, const struct stored *s, const int *order)
{
    struct texts t = { 0 };

    for (int64_t i = 0; i < stored_rows(s); i++)
        texts_add(&t, texts_at(&s->texts, order[i]), texts_length(&s->texts, order[i]));
    filter_put_group(f, &(struct series_out){ s->name, NULL, &t, s->attrs }, 1);
    texts_free(&t);
}

static void put_shuffled(struct filter *f, const char *name, int64_t rows)
{
    const struct stored *s = filter_stored(f, name);
    int *order;

    if (stored_rows(s) != rows)
        die("'%s' has %lld rows, the first of --name has %lld", name,
            (long long)stored_rows(s), (long long)rows);
    if (rows > INT32_MAX)
        die("'%s' has %lld rows, expected at most %d", name, (long long)rows, INT32_MAX);
    order = order_of(rows);
    (s->is_text ? put_texts : put_tensor)(f, s, order);
    free(order);
}

/* The names of --name, cut in a copy of it; closed by NULL, free both. */
static char **parse_names(char **copy)
{
    char **name = mem_new(strlen(names) + 2, sizeof *name), *rest;
    int n = 0;

    *copy = rest = mem_string(names);
    while ((name[n] = strsep(&rest, ",")))
        if (!*name[n] || strchr(name[n++], '*'))
            cli_mistake("--name: '%s' is not a name, or names with commas between",
                        names);
    return name;
}

static void put_all(struct filter *f, char **name)
{
    int64_t rows;

    for (int i = 0; name[i]; i++)
        filter_needs(f, "name", name[i], NULL);
    rows = stored_rows(filter_stored(f, name[0]));
    for (int i = 0; name[i]; i++)
        put_shuffled(f, name[i], rows);
}

int main(int argc, char **argv)
{
    int first = cli_parse(argc, argv, &cli);
    char *copy, **name;
    struct filter *f;

    if (!names)
        cli_mistake("--name says whose rows");
    name = parse_names(&copy);
    f = filter_open(argc, argv, first);
    filter_puts_any_numbers(f);
    for (int i = 0; name[i]; i++) {
        filter_keep(f, name[i]);
        filter_replace(f, name[i]);
    }
    filter_read(f);
    put_all(f, name);
    filter_close(f);
    free(name);
    free(copy);
    return STATUS_DONE;
}
