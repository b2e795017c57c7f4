/* Adds items to the catalogue, or a user with a history, behind those that are there. */
#include "cli/cli.h"
#include "data/new_items.h"
#include "history/lookup.h"
#include "history/trained_rows.h"
#include "stream/filter.h"
#include "stream/store.h"
#include "util/mem.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ITEM "item."
#define COLUMNS_MAX 256

static const char *items_path = NULL, *user_id = NULL;
static struct opt_words history = { 0 };

static const struct opt options[] = {
    { OPT_PATH, 0, "items", &items_path, "table of the new items, with a header" },
    { OPT_STRING, 0, "user", &user_id,
      "id of the new user (default: new, where there is --history)" },
    LOOKUP_HISTORY_OPTION(history, "items of the new user"),
    { .type = OPT_END },
};

static const struct cli cli = {
    .summary = "add new items, or a new user, to a stream",
    .usage = "[FILE...]",
    .example = "data-add --history 'Toy Story' Fargo -- data.mr weights.mr |\n"
               "      cf-embed > new.mr",
    .options = options,
    .flags = CLI_ONLY,
    .footer = "What is in the stream keeps its numbers.  Vectors of users, or with\n"
              "--items of items and users, are not passed on: cf-embed, sbert-encode\n"
              "and align-embed make them again.",
};

/* The stream's texts item.*, item.id first. */
static void find_table(struct filter *f, struct item_table *c)
{
    const char *name;

    c->name = mem_new(COLUMNS_MAX, sizeof *c->name);
    c->texts = mem_new(COLUMNS_MAX, sizeof *c->texts);
    c->name[0] = "id";
    c->texts[0] = filter_texts(f, ITEM "id", "data-import");
    c->columns = 1;
    for (int i = 0; (name = filter_kept_name(f, i)); i++) {
        if (!filter_kept_is_text(f, i) || strncmp(name, ITEM, strlen(ITEM)) != 0 ||
            strcmp(name, ITEM "id") == 0)
            continue;
        if (c->columns == COLUMNS_MAX)
            die("more than %d columns of text", COLUMNS_MAX);
        c->texts[c->columns] = filter_texts(f, name, "data-import");
        if (c->texts[c->columns]->count != c->texts[0]->count)
            die("'%s' has %" PRId64 " rows, but '" ITEM "id' %" PRId64, name,
                c->texts[c->columns]->count, c->texts[0]->count);
        c->name[c->columns++] = name + strlen(ITEM);
    }
}

static const struct texts *titles_of(const struct item_table *c)
{
    for (int i = 1; i < c->columns; i++)
        if (strcmp(c->name[i], "title") == 0)
            return c->texts[i];
    return NULL;
}

/* Writes the longer catalogue, which remembers how many items there were before. */
static void put_items(struct filter *f, const struct item_table *c, struct texts *texts)
{
    struct series_out *group = mem_new((size_t)c->columns, sizeof *group);
    char known[24];
    struct attr attrs[] = { trained_rows_attr(trained_rows(f, ITEM "id"), texts[0].count,
                                              known),
                            { NULL, NULL } };

    for (int i = 0; i < c->columns; i++)
        group[i] = (struct series_out){ mem_format(ITEM "%s", c->name[i]),
                                        .texts = &texts[i], .attrs = attrs };
    filter_put_group(f, group, c->columns);
    for (int i = 0; i < c->columns; i++)
        free((char *)group[i].name);
    free(group);
}

static void add_items(struct filter *f, struct item_table *c)
{
    struct texts *texts = mem_new((size_t)c->columns, sizeof *texts);
    struct error e;
    int64_t twice, count = new_items_read(texts, items_path, c, &twice, &e);

    if (count < 0)
        die("%s", e.text);
    if (twice > 0)
        say("%" PRId64 " records of %s name an item again: its first record counts",
            twice, items_path);
    put_items(f, c, texts);
    say("%" PRId64 " new items; they have no vectors before cf-embed, sbert-encode and "
        "align-embed", count);
    for (int i = 0; i < c->columns; i++)
        c->texts[i] = &texts[i];
}

/* A column with the rows of the new user behind it. */
struct column {
    const char *name;
    enum dtype type;
    struct tensor longer;
};

static struct tensor lengthen(struct filter *f, const struct column *c, int64_t rows)
{
    const struct tensor *t =
        filter_tensor_sized(f, c->name, c->type, rows, 0, "data-import");
    struct tensor longer = tensor_new1(c->type, rows + history.count);

    if (rows > 0)
        memcpy(longer.data, t->data, tensor_bytes(t));
    return longer;
}

static int64_t latest(const int64_t *time, int64_t n)
{
    int64_t last = n > 0 ? time[0] : 0;

    for (int64_t i = 1; i < n; i++)
        last = time[i] > last ? time[i] : last;
    return last;
}

/* What the user did is for training, at the time of the last interaction of all, and
 * without a rating. */
static void fill_rows(struct column *c, int64_t rows, int user, const int32_t *item)
{
    int64_t now = latest(c[2].longer.data, rows);

    for (int64_t i = 0; i < history.count; i++) {
        ((int32_t *)c[0].longer.data)[rows + i] = user;
        ((int32_t *)c[1].longer.data)[rows + i] = item[i];
        ((int64_t *)c[2].longer.data)[rows + i] = now;
        if (c[3].longer.data)
            ((float *)c[3].longer.data)[rows + i] = NAN;
    }
}

static void put_interactions(struct filter *f, int user, const int32_t *item)
{
    struct column c[] = { { "inter.user", DT_I4 }, { "inter.item", DT_I4 },
                          { "inter.time", DT_I8 }, { "inter.rating", DT_F4 },
                          { "inter.split", DT_U1 } };
    struct series_out group[4];
    int64_t rows = tensor_rows(filter_tensor(f, c[0].name, DT_I4, 1, "data-import"));
    int columns = 0;

    for (int i = 0; i < 5; i++)
        if (i < 3 || filter_has(f, c[i].name))
            c[i].longer = lengthen(f, &c[i], rows);
    fill_rows(c, rows, user, item);
    for (int i = 0; i < 4; i++)
        if (c[i].longer.data)
            group[columns++] = (struct series_out){
                c[i].name, .tensor = &c[i].longer,
                .attrs = filter_stored(f, c[i].name)->attrs };
    filter_put_group(f, group, columns);
    if (c[4].longer.data)
        filter_put(f, c[4].name, &c[4].longer, filter_stored(f, c[4].name)->attrs);
    for (int i = 0; i < 5; i++)
        tensor_free(&c[i].longer);
}

static void put_users(struct filter *f, const struct texts *ids)
{
    struct texts longer = { 0 };
    char known[24];
    struct attr attrs[] = { trained_rows_attr(trained_rows(f, "user.id"), ids->count + 1,
                                              known),
                            { NULL, NULL } };

    for (int64_t i = 0; i < ids->count; i++) {
        if (strcmp(texts_at(ids, i), user_id) == 0)
            die("--user: there is a user '%s' already", user_id);
        texts_add(&longer, texts_at(ids, i), texts_length(ids, i));
    }
    texts_add(&longer, user_id, strlen(user_id));
    filter_put_group(
        f, &(struct series_out){ "user.id", .texts = &longer, .attrs = attrs }, 1);
    texts_free(&longer);
}

static void add_user(struct filter *f, const struct item_table *c)
{
    const struct texts *users = filter_texts(f, "user.id", "data-import");
    int32_t *item = lookup_items(c->texts[0], titles_of(c), &history, "history");

    put_users(f, users);
    put_interactions(f, (int)users->count, item);
    say("user '%s' added with %d interactions; cf-embed makes the users' vectors again",
        user_id, history.count);
    free(item);
}

static void keep(struct filter *f)
{
    filter_keep_texts(f, ITEM "*");
    if (items_path)
        filter_replace(f, ITEM "*");
    if (!user_id)
        return;
    filter_keep(f, "user.id");
    filter_keep(f, "inter.user");
    filter_keep(f, "inter.item");
    filter_keep(f, "inter.time");
    filter_keep(f, "inter.rating");
    filter_keep(f, "inter.split");
    filter_replace(f, "inter.*");
    filter_replace(f, "user.*");
}

int main(int argc, char **argv)
{
    int first = cli_parse(argc, argv, &cli);
    struct item_table c;
    struct filter *f;

    if (history.count > 0 && !user_id)
        user_id = "new";
    if (!items_path && !user_id)
        cli_mistake("nothing to add: neither --items nor --user nor --history");
    if (user_id && !*user_id)
        cli_mistake("--user: the id is empty");
    f = filter_open(argc, argv, first);
    keep(f);
    filter_read(f);
    find_table(f, &c);
    if (items_path)
        add_items(f, &c);
    if (user_id)
        add_user(f, &c);
    filter_close(f);
    free(c.name);
    free(c.texts);
    return STATUS_DONE;
}
