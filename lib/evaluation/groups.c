#include "evaluation/groups.h"

#include "evaluation/judge_parts.h"
#include "stream/store.h"
#include "util/error.h"
#include "util/mem.h"
#include "util/near.h"

#include <stdlib.h>
#include <string.h>

#define GROUPS_MAX 100 /* more rows than that are no table */

static void note_border(struct evaluation *v, const struct history *h,
                        const uint8_t *warmth)
{
    int64_t border = warmth_border(h, warmth), *count = history_popularity(h), users = 0;

    for (int64_t u = 0; u < v->users; u++)
        users += count[v->true_item[u]] == border;
    if (border >= 0 && users > 0)
        evaluation_note(v, "the true items of %lld %s have the %lld training "
                        "interactions of cold's border: the order of items decides there",
                        (long long)users, rows_word(v), (long long)border);
    free(count);
}

void groups_by_warmth(struct evaluation *v, const struct history *h,
                      const struct warmth_rule *rule)
{
    const char *names[WARMTHS];
    uint8_t *warmth = mem_new((size_t)h->items, sizeof *warmth);
    int *of = mem_new((size_t)v->users, sizeof *of), users[WARMTHS] = { 0 };

    warmth_by_rule(h, rule, warmth);
    for (int64_t u = 0; u < v->users; u++) {
        of[u] = WARMTHS - 1 - warmth[v->true_item[u]];
        users[of[u]]++;
    }
    for (int g = 0; g < WARMTHS; g++)
        names[g] = warmth_names[WARMTHS - 1 - g];
    evaluation_group(v, of, names, WARMTHS);
    for (int g = 0; g < WARMTHS; g++)
        if (users[g] == 0)
            evaluation_note(v, "no user's true item is %s", names[g]);
    note_border(v, h, warmth);
    free(of);
    free(warmth);
}

/* Row i of a tensor of whole numbers. */
static int64_t whole_number(const struct tensor *t, int64_t i)
{
    switch (t->type) {
    case DT_I1:
        return ((const int8_t *)t->data)[i];
    case DT_U1:
        return ((const uint8_t *)t->data)[i];
    case DT_I4:
        return ((const int32_t *)t->data)[i];
    default:
        return ((const int64_t *)t->data)[i];
    }
}

/* What row i says, as a new string. */
static char *value_of(const struct stored *s, int64_t i)
{
    if (s->is_text)
        return mem_string(texts_length(&s->texts, i) ? texts_at(&s->texts, i)
                                                     : "(empty)");
    return mem_format("%lld", (long long)whole_number(&s->tensor, i));
}

/* What is grouped by, a name of the input or else nearly the word for warmth. */
static const struct stored *take_stored(struct filter *f, const char *name)
{
    static const char *const words[] = { "warmth", NULL };
    const struct stored *s = filter_stored(f, name);
    const char *word = s ? NULL : near_word(name, words);

    if (word)
        die("--group: no '%s' in the input: did you mean %s?", name, word);
    if (!s)
        filter_needs(f, "group", name, NULL);
    return s;
}

static void check_stored(const struct stored *s, const char *name)
{
    if (!s->is_text && s->tensor.dims != 1)
        die("'%s' has %d dimensions, expected 1", name, s->tensor.dims);
    if (!s->is_text && (s->tensor.type == DT_F4 || s->tensor.type == DT_F2))
        die("'%s' has type %s, expected whole numbers or text", name,
            dtype_name(s->tensor.type));
}

/* Numbers by size and before texts, texts by their bytes. */
static int by_value(const void *a, const void *b)
{
    const char *x = *(char *const *)a, *y = *(char *const *)b;
    char *x_end, *y_end;
    long long i = strtoll(x, &x_end, 10), j = strtoll(y, &y_end, 10);
    bool number_x = *x && !*x_end, number_y = *y && !*y_end;

    if (number_x && number_y && i != j)
        return i < j ? -1 : 1;
    return number_x != number_y ? number_y - number_x : strcmp(x, y);
}

/* The different ones of value (users), in order; their count, at most GROUPS_MAX. */
static int different(char *const *value, int64_t users, const char **names,
                     const char *name)
{
    char **sorted = mem_new((size_t)users, sizeof *sorted);
    int count = 0;

    memcpy(sorted, value, (size_t)users * sizeof *sorted);
    qsort(sorted, (size_t)users, sizeof *sorted, by_value);
    for (int64_t u = 0; u < users; u++) {
        if (count > 0 && strcmp(names[count - 1], sorted[u]) == 0)
            continue;
        if (count == GROUPS_MAX)
            die("'%s' has more than %d different values, too many groups", name,
                GROUPS_MAX);
        names[count++] = sorted[u];
    }
    free(sorted);
    return count;
}

/* The value of each user (users), new strings. */
static char **values(const struct evaluation *v, const struct stored *s, const char *name)
{
    bool of_items = strncmp(name, "item.", 5) == 0;
    char **value = mem_new((size_t)v->users, sizeof *value);

    for (int64_t u = 0; u < v->users; u++) {
        int64_t row = of_items ? v->true_item[u] : v->user[u];

        if (row >= stored_rows(s))
            die("'%s' has %lld rows, but there is %s %lld", name,
                (long long)stored_rows(s), of_items ? "an item" : "a user",
                (long long)row);
        value[u] = value_of(s, row);
    }
    return value;
}

void groups_by_tensor(struct evaluation *v, struct filter *f, const char *name)
{
    const struct stored *s = take_stored(f, name);
    const char *names[GROUPS_MAX], **found;
    char **value;
    int *of = mem_new((size_t)v->users, sizeof *of), count;

    check_stored(s, name);
    value = values(v, s, name);
    count = different(value, v->users, names, name);
    for (int64_t u = 0; u < v->users; u++) {
        found = bsearch(&value[u], names, (size_t)count, sizeof *names, by_value);
        of[u] = (int)(found - names);
    }
    evaluation_group(v, of, names, count);
    for (int64_t u = 0; u < v->users; u++)
        free(value[u]);
    free(value);
    free(of);
}
