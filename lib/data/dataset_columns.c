#include "data/dataset_columns.h"

#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

/* What the columns are called in the data sets people have. */
static const char *const user_names[] = {
    "user_id", "userId", "user", "reviewerID", "visitorid", "customer_id", "member_id",
    "uid",
    NULL
};
const char *const dataset_item_names[] = {
    "item_id", "itemId", "item", "movieId", "product_id", "parent_asin", "asin",
    "business_id", "book_id", "iid", NULL
};
static const char *const rating_names[] = { "rating", "ratings", "overall", "stars",
                                            NULL };
static const char *const time_names[] = {
    "timestamp", "time", "unixReviewTime", "date", "datetime", "date_added", "event_time",
    "created_at", NULL
};
static const char *const event_names[] = { "event", "event_type", "behavior",
                                           "behavior_type", "action", NULL };
static const char *const no_names[] = { NULL }; /* asked for, or none */
const char *const dataset_title_names[] = { "title", "movie_title", "name",
                                           "product_title", NULL };

/* *column: the one that the option asks for, else the first of the names; -1: none. */
static int find(int *column, const struct records *t, const char *option,
                const char *asked, const char *const *names, struct error *e)
{
    *column = asked ? records_column_at(t, asked) : records_column_of(t, names);
    return asked && *column < 0 ? records_fail_column(t, e, asked, option) : 0;
}

static int find_only(struct dataset_columns *c, const struct records *t, const char *rule,
                     struct error *e)
{
    const char *equals = rule ? strchr(rule, '=') : NULL;
    char *name;

    c->only = -1;
    c->event = rule ? -1 : records_column_of(t, event_names);
    if (!rule)
        return 0;
    name = mem_format("%.*s", (int)(equals - rule), rule);
    c->only = records_column_at(t, name);
    c->value = equals + 1;
    if (c->only < 0)
        records_fail_column(t, e, name, "only");
    free(name);
    return c->only < 0 ? -1 : 0;
}

int dataset_columns_find(struct dataset_columns *c, const struct records *t,
                         const struct dataset_choice *choice, struct error *e)
{
    if (find(&c->user, t, "user", choice->user, user_names, e) != 0 ||
        find(&c->item, t, "item", choice->item, dataset_item_names, e) != 0 ||
        find(&c->rating, t, "rating", choice->rating, rating_names, e) != 0 ||
        find(&c->time, t, "time", choice->time, time_names, e) != 0 ||
        find(&c->split, t, "split", choice->split, no_names, e) != 0 ||
        find_only(c, t, choice->only, e) != 0)
        return -1;
    if (c->user < 0)
        return records_fail(t, e, "no column of users, expected one named user_id "
                            "(--user names another)");
    if (c->item < 0)
        return records_fail(t, e, "no column of items, expected one named item_id "
                            "(--item names another)");
    return 0;
}

/* Is the word one of the words, which have '|' between? */
static bool is_one_of(const char *word, size_t n, const char *words)
{
    for (;; words++) {
        size_t k = strcspn(words, "|");

        if (k == n && memcmp(words, word, n) == 0)
            return true;
        words += k;
        if (!*words)
            return false;
    }
}

bool dataset_columns_takes(const struct dataset_columns *c, const struct records *t)
{
    return c->only < 0 || is_one_of(t->field[c->only], t->length[c->only], c->value);
}

/* What the column is, by the option and by the plural of what it holds. */
struct role {
    const char *option, *holds;
    const char *const *names;
};
static const struct role user_role = { "user", "users", user_names },
                         item_role = { "item", "items", dataset_item_names },
                         rating_role = { "rating", "ratings", rating_names },
                         time_role = { "time", "times", time_names };

bool dataset_columns_known(const char *key)
{
    return records_named(key, user_names) || records_named(key, dataset_item_names) ||
           records_named(key, rating_names) || records_named(key, time_names) ||
           records_named(key, event_names);
}

/* A column that only later records have would be half a column, or another one. */
static int check_same(const struct records *t, const struct role *role, int before,
                      int now, struct error *e)
{
    if (now == before)
        return 0;
    if (before < 0)
        return records_fail(t, e, "%s is there, but in no record before: expected it in "
                            "each record or in none", t->name[now]);
    return records_fail(t, e, "both %s and %s, of records before, may be the column of "
                        "%s: choose one with --%s", t->name[now], t->name[before],
                        role->holds, role->option);
}

int dataset_columns_again(struct dataset_columns *c, const struct records *t,
                          const struct dataset_choice *choice, bool begun,
                          struct error *e)
{
    struct dataset_columns now;

    if (dataset_columns_find(&now, t, choice, e) != 0)
        return -1;
    if (begun && (check_same(t, &user_role, c->user, now.user, e) != 0 ||
                  check_same(t, &item_role, c->item, now.item, e) != 0 ||
                  check_same(t, &rating_role, c->rating, now.rating, e) != 0 ||
                  check_same(t, &time_role, c->time, now.time, e) != 0))
        return -1;
    if (begun && c->event >= 0)
        now.event = c->event;
    *c = now;
    return 0;
}

/* Where there is no such column: it is not for the values being objects? */
static int check_object(const struct records *t, const struct role *role, int column,
                        struct error *e)
{
    const char *key = column < 0 ? records_object(t, role->names) : NULL;

    return key ? records_fail(t, e, "%s is an object, expected one text or number: --%s "
                              "%s.KEY takes the one under KEY", key, role->option, key)
               : 0;
}

int dataset_columns_check(const struct dataset_columns *c, const struct records *t,
                          struct error *e)
{
    return check_object(t, &rating_role, c->rating, e) != 0 ||
           check_object(t, &time_role, c->time, e) != 0 ? -1 : 0;
}

int dataset_columns_item(const struct records *t, const struct dataset_choice *choice,
                         const char *interactions)
{
    const char *const same[] = { interactions, NULL };
    int column = choice->item ? records_column(t, choice->item) : -1;

    if (column < 0)
        column = records_column_of(t, same);
    return column >= 0 ? column : records_column_of(t, dataset_item_names);
}

static bool is_number(const char *s)
{
    char *end;

    strtod(s, &end);
    return *s && !*end && strspn(s, "0123456789.") == strlen(s);
}

bool dataset_columns_amazon(struct dataset_columns *c, const struct records *t)
{
    bool first, second;

    if (t->columns != 4 || !is_number(t->name[2]) || !is_number(t->name[3]))
        return false;
    first = strlen(t->name[0]) == 10;
    second = strlen(t->name[1]) == 10;
    if (first == second || t->name[first][0] != 'A')
        return false;
    *c = (struct dataset_columns){ .user = first, .item = !first, .rating = 2, .time = 3,
                                   .split = -1, .only = -1, .event = -1 };
    return true;
}

/* Adds a key of that name, unless there is one; keys has room. */
static void add_key(struct records_key *keys, char *name, bool perhaps)
{
    while (keys->name && strcmp(keys->name, name) != 0)
        keys++;
    if (keys->name)
        free(name);
    else
        *keys = (struct records_key){ name, { name }, perhaps };
}

struct records_key *dataset_columns_keys(const struct records_key *own,
                                         const struct dataset_choice *choice, bool items)
{
    const char *asked[] = { items ? choice->title : choice->user,
                            items ? NULL : choice->rating, items ? NULL : choice->time,
                            items ? NULL : choice->split };
    const char *equals = choice->only && !items ? strchr(choice->only, '=') : NULL;
    struct records_key *keys;
    size_t n = 0;

    while (own && own[n].name)
        n++;
    keys = mem_new(n + 7, sizeof *keys);
    for (size_t i = 0; i < n; i++) {
        keys[i] = own[i];
        keys[i].name = mem_string(own[i].name);
    }
    if (choice->item)
        add_key(keys, mem_string(choice->item), items);
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
        if (asked[i])
            add_key(keys, mem_string(asked[i]), false);
    if (equals)
        add_key(keys, mem_format("%.*s", (int)(equals - choice->only), choice->only),
                false);
    return keys;
}

void dataset_columns_free_keys(struct records_key *keys)
{
    for (struct records_key *k = keys; k && k->name; k++)
        free((char *)k->name);
    free(keys);
}
