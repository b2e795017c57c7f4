/* Reads a data set's files into a stream. */
#include "cli/cli.h"
#include "data/dataset.h"
#include "data/layout.h"
#include "data/layout_files.h"
#include "data/splits.h"
#include "stream/filter.h"
#include "stream/frame.h"
#include "stream/reads.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/path.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static int format = 0;
static const char *formats[LAYOUT_NAMES]; /* of --format */
static const char *items_path = NULL, *title = NULL;
static const char *with = NULL, *without = NULL;
static double min_rating = 0;
static long k_core = 0;
static bool keep_items = false, header = true;
static const char *user_column = NULL, *item_column = NULL, *rating_column = NULL;
static const char *time_column = NULL, *split_column = NULL;
static const char *only = NULL, *encoding = NULL;
static int no_repeats = REPEATS_ALL, time_unit = DATASET_UNIT_AUTO;

static const struct opt options[] = {
    { OPT_CHOICE, 'f', "format", &format, "layout of the files",
      .choices = formats },
    { OPT_PATH, 0, "items", &items_path,
      "item file, where none is beside the interactions",
      .low = 0 },
    { OPT_STRING, 0, "title", &title, "column of the item file that holds the titles",
      .low = 0 },
    { OPT_STRING, 0, "user", &user_column,
      "column of users, by name, number or dotted key" },
    { OPT_STRING, 0, "item", &item_column, "column of items" },
    { OPT_STRING, 0, "rating", &rating_column, "column of ratings" },
    { OPT_STRING, 0, "time", &time_column, "column of times" },
    { OPT_CHOICE, 0, "time-unit", &time_unit, "what the numbers in it count",
      .choices = dataset_unit_names },
    { OPT_STRING, 0, "split", &split_column,
      "column that says of each interaction: train, valid or test" },
    { OPT_FLAG, 0, "header", &header,
      "the first line of interactions names the columns" },
    { OPT_STRING, 0, "encoding", &encoding, "encoding of both files, by iconv's name" },
    { OPT_STRING, 0, "only", &only,
      "keep only interactions of COLUMN=VALUE or COLUMN=VALUE|VALUE" },
    { OPT_CHOICE, 0, "no-repeats", &no_repeats,
      "of a user's interactions with one item, keep",
      .choices = dataset_repeat_names },
    { OPT_REAL, 0, "min-rating", &min_rating,
      "drop interactions with a lower rating; 0 keeps all", .low = 0, .high = 1e9 },
    { OPT_INT, 'k', "k-core", &k_core,
      "drop users and items with fewer than N interactions, repeatedly", .low = 0,
      .high = 1e9 },
    { OPT_STRING, 0, "items-with", &with,
      "keep only items whose COLUMN has one of the words: COLUMN~WORD|WORD", .low = 0 },
    { OPT_STRING, 0, "items-without", &without,
      "drop items whose COLUMN has one of the words: COLUMN~WORD|WORD",
      .low = 0 },
    { OPT_FLAG, 0, "keep-items", &keep_items, "keep items that nobody interacted with",
      .low = 0 },
    { .type = OPT_END },
};

static const struct cli cli = {
    .summary = "read a data set's files into a stream",
    .usage = "NAME|FOLDER|FILE",
    .example = "data-import ml-100k | data-split > data.mr",
    .options = options,
    .flags = CLI_PROGRESS,
    .footer = "A name that is no path is looked up in MILLRACE_PATH.  - is standard\n"
              "input.",
};

/* Columns whose names in a stream mean something else. */
static const char *const reserved[] = { "id",    "title",      "cf",
                                        "text",  "joint",      "joint_text", "fused",
                                        NULL };

static void say_counts(const struct dataset *d, const char *when)
{
    int64_t users, items;

    dataset_count(d, &users, &items);
    say("%s%" PRId64 " interactions, %" PRId64 " users, %" PRId64 " items", when, d->n,
        users, items);
}

/* The items that --items-with and --items-without leave. */
static void select_items(struct dataset *d)
{
    struct error e;

    if (with && dataset_keep_items(d, with, true, &e) != 0)
        die("--items-with: %s", e.text);
    if (with)
        say_counts(d, "after --items-with: ");
    if (without && dataset_keep_items(d, without, false, &e) != 0)
        die("--items-without: %s", e.text);
    if (without)
        say_counts(d, "after --items-without: ");
    if (d->n == 0)
        die("--items-with and --items-without leave no interactions");
}

static void apply_filters(struct dataset *d)
{
    bool rated = min_rating > 0, selected = with || without;
    int rounds = 0;

    say_counts(d, rated || selected || no_repeats != REPEATS_ALL || k_core > 0
                      ? "before: "
                      : "");
    if (selected)
        select_items(d);
    if (rated && !d->rating)
        die("--min-rating: the interactions have no column of ratings");
    if (rated) {
        dataset_keep_rated(d, min_rating);
        say_counts(d, "after --min-rating: ");
    }
    if (no_repeats != REPEATS_ALL) {
        say("--no-repeats %s: %" PRId64 " interactions dropped",
            dataset_repeat_names[no_repeats],
            dataset_drop_repeats(d, (enum dataset_repeats)no_repeats));
        say_counts(d, "after --no-repeats: ");
    }
    if (k_core > 0) {
        dataset_keep_core(d, (int)k_core, &rounds);
        say("--k-core %ld: %d rounds until nothing more was dropped", k_core, rounds);
        say_counts(d, "after --k-core: ");
    }
    if (d->n == 0)
        die("--min-rating and --k-core leave no interactions");
}

/* x (n) as 32-bit floats; NULL for NULL. */
static float *narrow(const double *x, int64_t n)
{
    float *y = x ? mem_new((size_t)n, sizeof *y) : NULL;

    for (int64_t i = 0; x && i < n; i++)
        y[i] = (float)x[i];
    return y;
}

static void put_interactions(struct filter *f, const struct dataset *d, const char *name)
{
    const struct attr attrs[] = { { "data", name }, { NULL, NULL } };
    const struct attr unit[] = { { "unit", moment_unit(d->scale.power) },
                                 { NULL, NULL } };
    float *ratings = narrow(d->rating, d->n);
    struct tensor user = tensor_view1(DT_I4, d->n, d->user);
    struct tensor item = tensor_view1(DT_I4, d->n, d->item);
    struct tensor time = tensor_view1(DT_I8, d->n, d->time);
    struct tensor rating = tensor_view1(DT_F4, d->n, ratings);
    const struct series_out group[] = {
        { "inter.user", .tensor = &user, .attrs = attrs },
        { "inter.item", .tensor = &item },
        { "inter.time", .tensor = &time, .attrs = d->scale.power > 0 ? unit : NULL },
        { "inter.rating", .tensor = &rating },
    };

    filter_put_group(f, group, d->rating ? 4 : 3);
    free(ratings);
}

/* The data set's own split, behind the interactions. */
static void put_split(struct filter *f, const struct dataset *d, struct renumbered r)
{
    struct tensor split = tensor_view1(DT_U1, d->n, d->split);
    struct history h;
    struct error e;

    if (history_new(&h, d->user, d->item, d->time, d->split, d->n, r.user_count,
                    r.item_count, &e) != 0)
        die("%s", e.text);
    split_say(&h, NULL, d->split, NULL);
    split_say_given(&h, d->split);
    filter_put(f, "inter.split", &split,
               (struct attr[]){ { "by", d->split_by }, { NULL, NULL } });
    history_free(&h);
}

/* Row i is row list[i] of from, "" where list[i] is -1. */
static struct texts pick_texts(const struct texts *from, const int64_t *list, int64_t n)
{
    struct texts picked = { 0 };

    for (int64_t i = 0; i < n; i++)
        if (list[i] < 0)
            texts_add(&picked, "", 0);
        else
            texts_add(&picked, texts_at(from, list[i]), texts_length(from, list[i]));
    return picked;
}

static int64_t *widen(const int32_t *list, int32_t n)
{
    int64_t *wide = mem_new((size_t)n, sizeof *wide);

    for (int32_t i = 0; i < n; i++)
        wide[i] = list[i];
    return wide;
}

/* The interactions, which come before the ids, stand on them. */
static void number(struct filter *f, const char *name, const struct texts *from,
                   const int32_t *list, int32_t n)
{
    for (int32_t i = 0; i < n; i++)
        filter_number(f, name, i, n, texts_at(from, list[i]));
}

static void put_users(struct filter *f, const struct dataset *d, struct renumbered r)
{
    int64_t *list = widen(r.users, r.user_count);
    struct texts ids = pick_texts(&d->users.texts, list, r.user_count);

    filter_put_group(f, &(struct series_out){ "user.id", .texts = &ids }, 1);
    texts_free(&ids);
    free(list);
}

/* Is it the name of a column of the item file, or one that means something else? */
static bool is_taken(const struct dataset *d, const char *name)
{
    for (int i = 0; reserved[i]; i++)
        if (strcmp(reserved[i], name) == 0)
            return true;
    for (int i = 0; i < d->columns; i++)
        if (strcmp(d->column[i].name, name) == 0)
            return true;
    return false;
}

/* The stream's name of the c-th column, a new string that no other column gets. */
static char *column_name(const struct dataset *d, int c)
{
    const char *name = d->column[c].name;
    char *other;

    if (c == d->title)
        return mem_string("item.title");
    for (int i = 0; reserved[i]; i++)
        if (strcmp(reserved[i], name) == 0) {
            other = mem_format("%s_column", name);
            for (int k = 2; is_taken(d, other); k++) {
                free(other);
                other = mem_format("%s_column%d", name, k);
            }
            say("the item file's column '%s' becomes item.%s", name, other);
            name = mem_format("item.%s", other);
            free(other);
            return (char *)name;
        }
    return mem_format("item.%s", name);
}

static void say_items(const struct dataset *d, const int64_t *record, struct renumbered r)
{
    int32_t unknown = 0;

    for (int32_t i = 0; i < r.item_count; i++)
        unknown += record[i] < 0;
    if (!d->has_items)
        say("no item file: items have no titles and no texts");
    else if (d->title < 0)
        say("the item file has no column of titles (choose one with --title)");
    if (d->twice > 0)
        say("%" PRId64 " records of the item file name an item again: its first record "
            "counts", d->twice);
    if (d->has_items && unknown > 0)
        say("%d items are not in the item file: their texts are empty", unknown);
    if (d->cut > 0)
        say("%" PRId64 " texts of more than %d bytes are cut to that", d->cut,
            STREAM_TEXT_MAX);
    if (r.dropped_items + d->others > 0)
        say("%" PRId64 " items %s", r.dropped_items + d->others,
            with || without ? "of other words or without interactions dropped"
                            : "without interactions dropped (--keep-items keeps them)");
}

static void put_items(struct filter *f, const struct dataset *d, struct renumbered r)
{
    int64_t *list = widen(r.items, r.item_count), *record;
    struct texts *texts = mem_new((size_t)d->columns + 1, sizeof *texts);
    struct series_out *group = mem_new((size_t)d->columns + 1, sizeof *group);

    texts[0] = pick_texts(&d->items.texts, list, r.item_count);
    record = list;
    group[0] = (struct series_out){ "item.id", .texts = &texts[0] };
    for (int32_t i = 0; i < r.item_count; i++)
        record[i] = d->has_items ? d->record[list[i]] : -1;
    say_items(d, record, r);
    for (int c = 0; c < d->columns; c++) {
        texts[c + 1] = pick_texts(&d->column[c].texts, record, r.item_count);
        group[c + 1] =
            (struct series_out){ column_name(d, c), .texts = &texts[c + 1] };
    }
    filter_put_group(f, group, d->columns + 1);
    for (int c = 0; c <= d->columns; c++) {
        texts_free(&texts[c]);
        if (c > 0)
            free((char *)group[c].name);
    }
    free(group);
    free(texts);
    free(list);
}

/* The files that dataset_read will read; --items is told as an option. */
static void declare_files(struct filter *f, const char *path)
{
    struct layout_files files;
    struct error e;

    if (layout_files_find(&files, path, formats[format], items_path, &e) != 0)
        die("%s", e.text);
    filter_reads_file(f, files.interactions);
    for (int s = 0; s < SPLITS; s++)
        if (files.parts[s])
            filter_reads_file(f, files.parts[s]);
    if (files.items && !items_path)
        filter_reads_file(f, files.items);
    filter_declare(f);
    layout_files_free(&files);
}

static void read_files(struct dataset *d, struct filter *f, const char *name)
{
    struct dataset_choice choice = {
        .format = formats[format], .items = items_path, .title = title,
        .user = user_column, .item = item_column, .rating = rating_column,
        .time = time_column, .unit = time_unit, .only = only,
        .split = split_column, .encoding = encoding, .bare = !header,
        .keep_items = keep_items || with || without,
    };
    bool standard = strcmp(name, "-") == 0;
    struct error e;
    char *path = standard ? mem_string(name) : file_find(name, &e);

    if (!path)
        die("%s", e.text);
    if (!standard)
        declare_files(f, path);
    if (dataset_read(d, path, &choice, &e) != 0)
        die("%s", e.text);
    free(path);
}

int main(int argc, char **argv)
{
    struct dataset data;
    struct renumbered numbers;
    struct filter *f;
    int64_t repeats;
    char *name;
    int first;

    layout_list(formats);
    first = cli_parse(argc, argv, &cli);
    if (keep_items && (with || without))
        cli_mistake("--keep-items would bring back what --items-with and --items-without "
                    "drop");
    if (argc - first != 1)
        cli_mistake("expected one data set, found %d", argc - first);
    if (only && (!strchr(only, '=') || *only == '='))
        cli_mistake("--only: '%s' is not COLUMN=VALUE", only);
    if (strcmp(argv[first], "-") == 0)
        reads_bytes("stream");
    name = path_name(argv[first]);
    f = filter_open_writing();
    read_files(&data, f, argv[first]);
    apply_filters(&data);
    numbers = dataset_renumber(&data, keep_items);
    dataset_sort(&data);
    if ((repeats = dataset_repeats(&data)) > 0)
        say("%" PRId64 " interactions repeat an earlier one of the same user and item",
            repeats);
    number(f, "user.id", &data.users.texts, numbers.users, numbers.user_count);
    number(f, "item.id", &data.items.texts, numbers.items, numbers.item_count);
    put_interactions(f, &data, name);
    if (data.split)
        put_split(f, &data, numbers);
    put_users(f, &data, numbers);
    put_items(f, &data, numbers);
    filter_close(f);
    free(name);
    free(numbers.users);
    free(numbers.items);
    dataset_free(&data);
    return STATUS_DONE;
}
