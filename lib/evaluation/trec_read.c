#include "evaluation/trec_read.h"

#include "evaluation/trec_parts.h"
#include "stream/frame.h"
#include "util/file.h"
#include "util/mem.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A file's text, cut into fields as it is read. */
struct lines {
    const char *path;
    char *text, *rest;
    long number;
};

enum { FIELDS_MAX = 6, RELEVANCE_MOST = 1000000 };

static int lines_open(struct lines *l, const char *path, struct error *e)
{
    struct mapped m;
    const char *text;
    size_t size;

    if (file_map_or_stdin(&m, path, e) < 0)
        return -1;
    if (!(text = file_text(&m, path, &size, e))) {
        file_unmap(&m);
        return -1;
    }
    *l = (struct lines){ .path = path, .text = mem_new(size + 1, 1) };
    memcpy(l->text, text, size);
    file_unmap(&m);
    l->rest = l->text;
    if (size > 0 && strlen(l->text) == size)
        return 0;
    free(l->text);
    return size == 0 ? fail(e, "%s: is empty", path)
                     : fail(e, "%s: holds a NUL, expected text", path);
}

/* The next line that is not blank: 1 with its fields (want), 0 at the end, -1. */
static int lines_next(struct lines *l, char **field, int want, struct error *e)
{
    char *line;
    int n = 0;

    while ((line = strsep(&l->rest, "\n"))) {
        char *at;

        l->number++;
        for (n = 0; (at = strsep(&line, " \t\r"));)
            if (*at && n++ < FIELDS_MAX)
                field[n - 1] = at;
        if (n > 0)
            break;
    }
    if (n == 0)
        return 0;
    if (n != want)
        return fail(e, "%s:%ld: %d fields, expected %d", l->path, l->number, n, want);
    for (int i = 0; i < n; i++)
        if (!stream_text_valid(field[i], strlen(field[i])))
            return fail(e, "%s:%ld: field %d is no UTF-8 text of at most %d bytes",
                        l->path, l->number, i + 1, STREAM_TEXT_MAX);
    return 1;
}

static int read_judgement(struct judgement *j, const struct lines *l, char **field,
                          struct error *e)
{
    char *end;

    errno = 0;
    *j = (struct judgement){ field[0], field[2], strtol(field[3], &end, 10) };
    if (*end || end == field[3] || errno || j->relevance < -RELEVANCE_MOST ||
        j->relevance > RELEVANCE_MOST)
        return fail(e, "%s:%ld: relevance '%s', expected a whole number", l->path,
                    l->number, field[3]);
    return 0;
}

/* Spans of each query in the sorted judgements (n). */
static int index_queries(struct trec *t, const char *path, int64_t n, struct error *e)
{
    const struct judgement *j = t->judgement;

    t->first = mem_new((size_t)n + 1, sizeof *t->first);
    for (int64_t i = 0; i < n; i++) {
        bool same = i > 0 && strcmp(j[i].query, j[i - 1].query) == 0;

        if (same && strcmp(j[i].document, j[i - 1].document) == 0)
            return fail(e, "%s: query '%s' has document '%s' twice", path, j[i].query,
                        j[i].document);
        if (same)
            continue;
        t->first[t->queries.count] = i;
        texts_add(&t->queries, j[i].query, strlen(j[i].query));
    }
    t->first[t->queries.count] = n;
    t->user = mem_new((size_t)n + 1, sizeof *t->user);
    for (int64_t q = 0; q < t->queries.count; q++)
        t->user[q] = (int32_t)q;
    return n > 0 ? 0 : fail(e, "%s: holds no judgements", path);
}

int trec_read_qrels(struct trec *t, const char *path, struct error *e)
{
    struct judgement j = { 0 };
    struct lines l;
    char *field[FIELDS_MAX];
    int n = 0, room = 0, got;

    *t = (struct trec){ 0 };
    if (lines_open(&l, path, e) < 0)
        return -1;
    t->text = l.text;
    while ((got = lines_next(&l, field, 4, e)) > 0) {
        if ((got = read_judgement(&j, &l, field, e)) < 0)
            break;
        MEM_PUSH(t->judgement, n, room, j);
    }
    if (got == 0 && n > 0)
        qsort(t->judgement, (size_t)n, sizeof *t->judgement, trec_by_document);
    if (got == 0)
        got = index_queries(t, path, n, e);
    if (got < 0)
        trec_free(t);
    return got;
}

void trec_free(struct trec *t)
{
    texts_free(&t->queries);
    free(t->first);
    free(t->judgement);
    free(t->user);
    free(t->text);
    *t = (struct trec){ 0 };
}

static int read_retrieved(struct retrieved *r, const struct lines *l, char **field,
                          struct error *e)
{
    char *end;

    *r = (struct retrieved){ field[0], field[2], field[5], strtof(field[4], &end),
                             l->number };
    if (*end || end == field[4] || !isfinite(r->score))
        return fail(e, "%s:%ld: score '%s', expected a finite number", l->path, l->number,
                    field[4]);
    return 0;
}

static int by_score(const void *a, const void *b)
{
    const struct retrieved *x = a, *y = b;
    int order = strcmp(x->query, y->query);

    if (order)
        return order;
    if (x->score < y->score || x->score > y->score)
        return x->score < y->score ? 1 : -1;
    return strcmp(y->document, x->document);
}

static int by_name(const void *a, const void *b)
{
    const struct retrieved *x = *(const struct retrieved *const *)a;
    const struct retrieved *y = *(const struct retrieved *const *)b;
    int order = strcmp(x->query, y->query);

    return order ? order : strcmp(x->document, y->document);
}

/* No query may have a document twice. */
static int check_once(const struct retrieved *r, int n, const char *path, struct error *e)
{
    const struct retrieved **order = mem_new((size_t)n + 1, sizeof *order);
    int got = 0;

    for (int i = 0; i < n; i++)
        order[i] = &r[i];
    qsort(order, (size_t)n, sizeof *order, by_name);
    for (int i = 1; i < n && got == 0; i++)
        if (by_name(&order[i - 1], &order[i]) == 0)
            got = fail(e, "%s: query '%s' has document '%s' twice", path, order[i]->query,
                       order[i]->document);
    free(order);
    return got;
}

int trec_add_run(struct evaluation *v, const struct trec *t, const char *path,
                 struct error *e)
{
    struct retrieved *r = NULL, one = { 0 };
    struct lines l;
    char *field[FIELDS_MAX];
    int n = 0, room = 0, got;

    if (lines_open(&l, path, e) < 0)
        return -1;
    while ((got = lines_next(&l, field, 6, e)) > 0) {
        if ((got = read_retrieved(&one, &l, field, e)) < 0)
            break;
        if (n > 0 && strcmp(one.tag, r[0].tag) != 0) {
            got = fail(e, "%s:%ld: tag '%s' after '%s': one run a file", path, l.number,
                       one.tag, r[0].tag);
            break;
        }
        MEM_PUSH(r, n, room, one);
    }
    if (got == 0 && n == 0)
        got = fail(e, "%s: holds no ranking", path);
    if (got == 0)
        got = check_once(r, n, path, e);
    if (got == 0) {
        qsort(r, (size_t)n, sizeof *r, by_score);
        trec_judge(v, t, r, n);
    }
    free(r);
    free(l.text);
    return got;
}
