#include "data/layout.h"

#include "data/delimited.h"
#include "data/json_lines.h"
#include "data/movielens.h"

#define COMMAS { .separator = ",", .quotes = true, .guess = true }
#define TABS { .separator = "\t", .guess = true }

static const char *const ratings[] = { "user_id", "item_id", "rating", "timestamp",
                                      NULL };
static const char *const films[] = { "item_id", "title", "genres", NULL };
static const char *const pairs[] = { "user_id", "item_id", NULL };

/* Reviews of 2014 and 2018, of 2023; metadata of all three. */
static const struct records_key amazon_reviews[] = {
    { "user_id", { "reviewerID", "user_id" } },
    { "item_id", { "parent_asin", "asin" } },
    { "rating", { "overall", "rating" } },
    { "timestamp", { "unixReviewTime", "timestamp" } },
    { NULL },
};
static const struct records_key amazon_items[] = {
    { "item_id", { "parent_asin", "asin" } },
    { "title", { "title" } },
    { "description", { "description" } },
    { "categories", { "categories", "category" } },
    { "brand", { "brand", "store" } },
    { "price", { "price" } },
    { NULL },
};

/* The first that fits is taken. */
const struct layout layouts[] = {
    { "recbole", &delimited, &delimited,
      { .separator = "\t", .typed = true }, { .separator = "\t", .typed = true },
      { "*.inter" }, { "*.item" }, .parts = { "*.%.inter" } },
    { "ml-100k", &delimited, &movielens_flags,
      { .separator = "\t", .columns = ratings },
      { .separator = "|", .latin = true, .columns = movielens_flag_columns },
      { "u.data" }, { "u.item" } },
    { "ml-1m", &delimited, &movielens_titles,
      { .separator = "::", .columns = ratings },
      { .separator = "::", .latin = true, .columns = films },
      { "ratings.dat" }, { "movies.dat" } },
    { "movielens", &delimited, &movielens_titles, COMMAS, COMMAS,
      { "ratings.csv" }, { "movies.csv" }, .both = true },
    { "csv", &delimited, &delimited, COMMAS, COMMAS,
      { "*.inter.csv", "interactions.csv", "ratings.csv", "events.csv" },
      { "*.item.csv", "items.csv", "movies.csv" },
      .parts = { "*.%.inter.csv", "*.%.csv", "%.csv" } },
    { "tsv", &delimited, &delimited, TABS, TABS,
      { "*.inter.tsv", "interactions.tsv", "ratings.tsv", "events.tsv" },
      { "*.item.tsv", "items.tsv", "movies.tsv" },
      .parts = { "*.%.inter.tsv", "*.%.tsv", "%.tsv" } },
    { "amazon", &json_lines, &json_lines,
      { .keys = amazon_reviews, .no_more = true },
      { .keys = amazon_items, .no_more = true, .entities = true },
      { "reviews_*.json", "*.jsonl", "*.json" }, { "meta_*.jsonl", "meta_*.json" },
      .both = true },
    { "amazon-ratings", &delimited, &json_lines, COMMAS,
      { .keys = amazon_items, .no_more = true, .entities = true },
      { "ratings_*.csv" }, { "meta_*.jsonl", "meta_*.json" }, { "*.csv" },
      .both = true },
    { "jsonl", &json_lines, &json_lines, { 0 }, { 0 },
      { "*.jsonl", "*.ndjson", "*.json" }, { "items.jsonl", "items.json" } },
    { "sasrec", &delimited, &delimited, { .separator = " ", .columns = pairs }, COMMAS,
      { "*.txt" }, { NULL }, .named = true },
};
const int layout_count = sizeof layouts / sizeof *layouts;

_Static_assert(sizeof layouts / sizeof *layouts + 2 <= LAYOUT_NAMES, "room for names");

void layout_list(const char *names[LAYOUT_NAMES])
{
    names[0] = "auto";
    for (int i = 0; i < layout_count; i++)
        names[1 + i] = layouts[i].name;
    names[1 + layout_count] = NULL;
}
