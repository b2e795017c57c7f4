/* Makes data with planted structure, of any size and in modest memory. */
#include "cli/cli.h"
#include "data/synth.h"
#include "stream/filter.h"
#include "util/mem.h"
#include "util/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static long users = 1000, items = 500, clusters = 10;
static long per_user[2] = { 10, 40 };
static double skew = 1, follow = 0.6;

static const struct opt options[] = {
    { OPT_INT, 'u', "users", &users, "number of users", .low = 1, .high = 2e9 },
    { OPT_INT, 'i', "items", &items, "number of items", .low = 1, .high = 2e9 },
    { OPT_RANGE, 'n', "per-user", per_user, "interactions of a user", .low = 1,
      .high = 1e6 },
    { OPT_INT, 0, "clusters", &clusters, "clusters of items, each with words of its own",
      .low = 1, .high = 1e6 },
    { OPT_REAL, 0, "skew", &skew,
      "exponent of popularity: that of a cluster's k-th item is k^-X",
      .low = 0, .high = 10 },
    { OPT_REAL, 0, "follow", &follow,
      "probability that the next item is the last item's successor",
      .low = 0, .high = 1 },
    { .type = OPT_END },
};

static const struct cli cli = {
    .summary = "make data with planted structure",
    .usage = "",
    .example = "data-synth --users 100000 --items 20000 | data-split > big.mr",
    .options = options,
    .flags = CLI_SEED | CLI_PROGRESS,
};

/* The next rows of the interactions, until there is a part to write. */
struct row_part {
    struct tensor user, item, time, rating;
    int64_t room, filled, first, rows;
};

static struct row_part part_new(int64_t rows)
{
    struct row_part p = { .rows = rows };
    struct tensor widest = tensor_view1(DT_I8, 0, NULL);

    p.room = writer_part_rows(&(struct series_out){ .tensor = &widest }, 1);
    p.user = tensor_new1(DT_I4, p.room);
    p.item = tensor_new1(DT_I4, p.room);
    p.time = tensor_new1(DT_I8, p.room);
    p.rating = tensor_new1(DT_F4, p.room);
    return p;
}

static void part_free(struct row_part *p)
{
    tensor_free(&p->user);
    tensor_free(&p->item);
    tensor_free(&p->time);
    tensor_free(&p->rating);
}

static void part_write(struct row_part *p, struct filter *f)
{
    const struct series_out group[] = { { "inter.user", .tensor = &p->user },
                                        { "inter.item", .tensor = &p->item },
                                        { "inter.time", .tensor = &p->time },
                                        { "inter.rating", .tensor = &p->rating } };

    p->user.shape[0] = p->item.shape[0] = p->time.shape[0] = p->rating.shape[0] =
        p->filled;
    filter_put_part(f, group, 4, p->first, p->rows);
    p->first += p->filled;
    p->filled = 0;
}

static void part_add(struct row_part *p, struct filter *f, int user, int32_t item,
                     int64_t time, float rating)
{
    ((int32_t *)p->user.data)[p->filled] = user;
    ((int32_t *)p->item.data)[p->filled] = item;
    ((int64_t *)p->time.data)[p->filled] = time;
    ((float *)p->rating.data)[p->filled] = rating;
    if (++p->filled == p->room)
        part_write(p, f);
}

static int64_t count_rows(const struct synth *s)
{
    int64_t rows = 0;

    for (int u = 0; u < users; u++)
        rows += synth_length(s, u);
    return rows;
}

static void put_interactions(struct filter *f, struct synth *s)
{
    struct row_part p = part_new(count_rows(s));
    int32_t *item = mem_new((size_t)per_user[1], sizeof *item);
    int64_t *time = mem_new((size_t)per_user[1], sizeof *time);
    float *rating = mem_new((size_t)per_user[1], sizeof *rating);

    progress_begin("interactions", "users", users);
    for (int u = 0; u < users; u++) {
        int n = synth_length(s, u);

        synth_user(s, u, item, time, rating);
        for (int i = 0; i < n; i++)
            part_add(&p, f, u, item[i], time[i], rating[i]);
        progress_update(u, NULL);
    }
    progress_end();
    if (p.filled > 0)
        part_write(&p, f);
    say("%" PRId64 " interactions, %ld users, %ld items", p.rows, users, items);
    part_free(&p);
    free(item);
    free(time);
    free(rating);
}

/* One text column: its name, and what row i holds. */
struct column {
    const char *name;
    void (*write)(const struct synth *s, int i, char *text);
};

static void write_user_id(const struct synth *s, int i, char *text)
{
    (void)s;
    snprintf(text, SYNTH_TEXT, "u%d", i + 1);
}

static void write_item_id(const struct synth *s, int i, char *text)
{
    (void)s;
    snprintf(text, SYNTH_TEXT, "i%d", i + 1);
}

static void write_cluster(const struct synth *s, int i, char *text)
{
    snprintf(text, SYNTH_TEXT, "%d", synth_cluster(s, i));
}

static const struct column user_columns[] = { { "user.id", write_user_id } };
static const struct column item_columns[] = {
    { "item.id", write_item_id },          { "item.title", synth_title },
    { "item.genre", synth_genre },         { "item.description", synth_description },
    { "item.cluster", write_cluster },
};

enum { COLUMNS_MAX = sizeof item_columns / sizeof *item_columns };

static void put_columns(struct filter *f, const struct synth *s,
                        const struct column *column, int columns, int64_t rows)
{
    struct texts texts[COLUMNS_MAX];
    struct series_out group[COLUMNS_MAX];
    int64_t room, first = 0;
    char text[SYNTH_TEXT];

    for (int c = 0; c < columns; c++)
        group[c] = (struct series_out){ column[c].name, .texts = &texts[c] };
    for (room = writer_part_rows(group, columns); first < rows; first += room) {
        for (int c = 0; c < columns; c++) {
            texts[c] = (struct texts){ 0 };
            for (int64_t i = first; i < rows && i < first + room; i++) {
                column[c].write(s, (int)i, text);
                texts_add(&texts[c], text, strlen(text));
            }
        }
        filter_put_part(f, group, columns, first, rows);
        for (int c = 0; c < columns; c++)
            texts_free(&texts[c]);
    }
}

/* The interactions, which come before the ids, stand on them. */
static void number(struct filter *f, const struct synth *s, const struct column *ids,
                   int64_t rows)
{
    char text[SYNTH_TEXT];

    for (int64_t i = 0; i < rows; i++) {
        ids->write(s, (int)i, text);
        filter_number(f, ids->name, i, rows, text);
    }
}

int main(int argc, char **argv)
{
    int first = cli_parse(argc, argv, &cli);
    struct filter *f;
    struct synth *s;

    if (first < argc)
        cli_mistake("it reads no file, found '%s'", argv[first]);
    if (clusters > items)
        cli_mistake("--clusters %ld is more than --items %ld", clusters, items);
    if (per_user[1] > items)
        cli_mistake("--per-user %ld is more than --items %ld", per_user[1], items);
    f = filter_open_writing();
    filter_declare(f);
    s = synth_new((struct synth_shape){
        .users = (int)users, .items = (int)items, .clusters = (int)clusters,
        .least = (int)per_user[0], .most = (int)per_user[1], .skew = skew,
        .follow = follow, .seed = cli_seed });
    number(f, s, user_columns, users);
    number(f, s, item_columns, items);
    put_interactions(f, s);
    put_columns(f, s, user_columns, 1, users);
    put_columns(f, s, item_columns, COLUMNS_MAX, items);
    filter_close(f);
    synth_free(s);
    return STATUS_DONE;
}
