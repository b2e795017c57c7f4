#include "recommend/recommended.h"

#include "util/escape.h"
#include "util/mem.h"
#include "util/table.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const recommended_formats[] = {
    [RECOMMENDED_TEXT] = "text",
    [RECOMMENDED_TSV] = "tsv",
    [RECOMMENDED_JSON] = "json",
    NULL,
};

/* The item's title, or its id where it has none. */
static const char *title_of(const struct recommended_list *r, int32_t item)
{
    const char *title = r->titles ? texts_at(r->titles, item) : "";

    return *title ? title : texts_at(r->ids, item);
}

/* "Fargo (.93); Heat (.88)", a new string. */
static char *why_cell(const struct recommended_list *r, const struct reason *why)
{
    char *all = mem_string(r->whys > 0 && why[0].item >= 0 ? "" : "-");

    for (int i = 0; i < r->whys && why[i].item >= 0; i++) {
        char *title = escape_printed(title_of(r, why[i].item));
        char *longer = mem_format("%s%s%s (%.2f)", all, i ? "; " : "", title,
                                  (double)why[i].cosine);

        free(all);
        free(title);
        all = longer;
    }
    return all;
}

static char *score_cell(float score, const char *format, const char *missing)
{
    return isnan(score) ? mem_string(missing) : mem_format(format, (double)score);
}

static void table_rows(struct table *g, const struct recommended_list *r,
                       const struct recommended *x)
{
    for (int i = 0; i < x->count; i++) {
        table_add(g, escape_printed(x->user));
        table_add(g, mem_format("%d", i + 1));
        table_add(g, escape_printed(title_of(r, x->item[i])));
        for (int k = 0; k < r->scorers; k++)
            table_add(g, score_cell(x->score[i * r->scorers + k], "%.4g", "-"));
        if (r->whys > 0)
            table_add(g, why_cell(r, x->why + i * r->whys));
    }
}

static void print_table(FILE *out, const struct recommended_list *r)
{
    struct table g = { .columns = 3 + r->scorers + (r->whys > 0) };

    table_add(&g, mem_string("user"));
    table_add(&g, mem_string("rank"));
    table_add(&g, mem_string("title"));
    for (int k = 0; k < r->scorers; k++)
        table_add(&g, mem_string(r->scorer[k]));
    if (r->whys > 0)
        table_add(&g, mem_string("why"));
    for (int i = 0; i < r->count; i++)
        table_rows(&g, r, &r->list[i]);
    table_text(out, &g);
    table_free(&g);
}

/* A tab, and the text, which is freed. */
static void field(FILE *out, char *text)
{
    fprintf(out, "\t%s", text);
    free(text);
}

static void tsv_rows(FILE *out, const struct recommended_list *r,
                     const struct recommended *x)
{
    for (int i = 0; i < x->count; i++) {
        char *user = escape_printed(x->user);

        fprintf(out, "%s\t%d", user, i + 1);
        free(user);
        field(out, escape_printed(texts_at(r->ids, x->item[i])));
        field(out, escape_printed(r->titles ? texts_at(r->titles, x->item[i]) : ""));
        for (int k = 0; k < r->scorers; k++)
            field(out, score_cell(x->score[i * r->scorers + k], "%.9g", ""));
        for (int k = 0; k < r->whys; k++) {
            int32_t why = x->why[i * r->whys + k].item;

            field(out, escape_printed(why < 0 ? "" : texts_at(r->ids, why)));
        }
        putc('\n', out);
    }
}

static void print_tsv(FILE *out, const struct recommended_list *r)
{
    fputs("user\trank\titem\ttitle", out);
    for (int k = 0; k < r->scorers; k++)
        fprintf(out, "\t%s", r->scorer[k]);
    for (int k = 0; k < r->whys; k++)
        fprintf(out, "\twhy%d", k + 1);
    putc('\n', out);
    for (int i = 0; i < r->count; i++)
        tsv_rows(out, r, &r->list[i]);
}

/* Nine digits, as the numbers are floats; null where there is none. */
static json_t *number(float x)
{
    char text[32];

    snprintf(text, sizeof text, "%.9g", (double)x);
    return isfinite(x) ? json_real(strtod(text, NULL)) : json_null();
}

static void name_item(json_t *o, const struct recommended_list *r, int32_t item)
{
    json_object_set_new(o, "item", json_string(texts_at(r->ids, item)));
    if (r->titles)
        json_object_set_new(o, "title", json_string(texts_at(r->titles, item)));
}

static json_t *reasons(const struct recommended_list *r, const struct reason *why)
{
    json_t *list = json_array();

    for (int k = 0; k < r->whys && why[k].item >= 0; k++) {
        json_t *o = json_object();

        name_item(o, r, why[k].item);
        json_object_set_new(o, "cosine", number(why[k].cosine));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *items(const struct recommended_list *r, const struct recommended *x)
{
    json_t *list = json_array();

    for (int i = 0; i < x->count; i++) {
        json_t *o = json_object(), *scores = json_object();

        for (int k = 0; k < r->scorers; k++)
            json_object_set_new(scores, r->scorer[k],
                                number(x->score[i * r->scorers + k]));
        json_object_set_new(o, "rank", json_integer(i + 1));
        name_item(o, r, x->item[i]);
        json_object_set_new(o, "scores", scores);
        json_object_set_new(o, "why", reasons(r, x->why + i * r->whys));
        json_array_append_new(list, o);
    }
    return list;
}

static void print_json(FILE *out, const struct recommended_list *r)
{
    json_t *users = json_array(), *all;

    for (int i = 0; i < r->count; i++)
        json_array_append_new(users, json_pack("{s:s, s:o}", "user", r->list[i].user,
                                               "items", items(r, &r->list[i])));
    all = json_pack("{s:o, s:o}", "by",
                    r->by < 0 ? json_null() : json_string(r->scorer[r->by]), "users",
                    users);
    json_dumpf(all, out, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
    putc('\n', out);
    json_decref(all);
}

void recommended_print(FILE *out, const struct recommended_list *r,
                       enum recommended_format format)
{
    static void (*const print[])(FILE *, const struct recommended_list *) = {
        [RECOMMENDED_TEXT] = print_table,
        [RECOMMENDED_TSV] = print_tsv,
        [RECOMMENDED_JSON] = print_json,
    };

    print[format](out, r);
}
