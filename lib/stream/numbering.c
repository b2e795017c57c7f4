#include "stream/numbering_parts.h"

#include "stream/cut_rows.h"
#include "util/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const inter_names[INTER_COLUMNS] = { "inter.user", "inter.item",
                                                        "inter.split" };

struct numbering *numbering_new(unsigned on, bool prefixes)
{
    struct numbering *n = mem_new(1, sizeof *n);

    n->on = on;
    n->prefixes = prefixes;
    return n;
}

void numbering_free(struct numbering *n)
{
    for (int i = 0; n && i < n->chain_count; i++) {
        free(n->chains[i].name);
        free(n->chains[i].at);
    }
    for (int i = 0; n && i < INTER_COLUMNS; i++)
        XXH3_freeState(n->inter[i].state);
    for (int i = 0; n && i < n->claim_count; i++)
        free(n->claims[i].key);
    if (n) {
        free(n->chains);
        free(n->claims);
    }
    free(n);
}

struct chain *numbering_chain(const struct numbering *n, const char *name)
{
    for (int i = 0; i < n->chain_count; i++)
        if (strcmp(n->chains[i].name, name) == 0)
            return &n->chains[i];
    return NULL;
}

static struct chain *chain_begin(struct numbering *n, const char *name, int64_t rows)
{
    struct chain *c = numbering_chain(n, name);

    if (!c) {
        MEM_PUSH(n->chains, n->chain_count, n->chain_room,
                 (struct chain){ .name = mem_string(name) });
        c = &n->chains[n->chain_count - 1];
    }
    c->next = 0;
    c->last = 0;
    c->rows = rows;
    return c;
}

static void chain_add(struct chain *c, bool prefixes, const char *text, size_t length)
{
    c->last = XXH3_64bits_withSeed(text, length, c->last);
    if (prefixes && c->next == c->room) {
        c->room = c->room ? 2 * c->room : 1024;
        c->at = mem_resize(c->at, (size_t)c->room, sizeof *c->at);
    }
    if (prefixes)
        c->at[c->next] = c->last;
    c->next++;
}

bool numbering_is_whole(const struct chain *c)
{
    return c && c->next == c->rows;
}

const char *numbering_value(int64_t rows, uint64_t digest, char value[NUMBERING_VALUE])
{
    snprintf(value, NUMBERING_VALUE, "%" PRId64 ":%016" PRIx64, rows, digest);
    return value;
}

const char *numbering_of_texts(const struct texts *t, char value[NUMBERING_VALUE])
{
    struct chain c = { .rows = t->count };

    for (int64_t i = 0; i < t->count; i++)
        chain_add(&c, false, texts_at(t, i), texts_length(t, i));
    return numbering_value(t->count, c.last, value);
}

const char *numbering_of_part(int64_t rows, const char *whole,
                              char value[NUMBERING_VALUE])
{
    snprintf(value, NUMBERING_VALUE, "%" PRId64 ":%.16s", rows, whole);
    return value;
}

void numbering_row(struct numbering *n, const char *name, int64_t row, int64_t rows,
                   const char *text, size_t length)
{
    struct chain *c = row == 0 ? chain_begin(n, name, rows) : numbering_chain(n, name);

    if (c)
        chain_add(c, n->prefixes, text, length);
}

/* Is it one of the sources of what this looks at? */
static bool is_source(const struct numbering *n, const char *name, bool text)
{
    const char *source;
    bool texts;

    for (int i = 0; (source = numbering_source(n->on, i, &texts)); i++)
        if (texts ? text && numbering_is_key(name) : strcmp(source, name) == 0)
            return true;
    return false;
}

/* Of a part of a text its maker may have said what the whole is. */
static void read_part(struct numbering *n, const struct frame *f)
{
    const char *whole = frame_attr(f, CUT_WHOLE);
    char value[NUMBERING_VALUE];

    if (f->kind == FRAME_TEXT && whole)
        numbering_use(n, f->name, numbering_of_part(f->rows, whole, value));
}

static void read_texts(struct numbering *n, const struct frame *f)
{
    struct chain *c =
        f->first == 0 ? chain_begin(n, f->name, f->rows) : numbering_chain(n, f->name);

    for (int64_t i = 0; c && i < frame_chunk_rows(f); i++)
        chain_add(c, n->prefixes, f->rows_of_text[i].via.str.ptr,
                  f->rows_of_text[i].via.str.size);
}

static void read_inter(struct numbering *n, const char *name, int64_t first, int64_t rows,
                       const struct tensor *t)
{
    for (int i = 0; i < INTER_COLUMNS; i++) {
        struct column *c = &n->inter[i];

        if (strcmp(name, inter_names[i]) != 0)
            continue;
        if (!c->state)
            c->state = XXH3_createState();
        if (first == 0) {
            XXH3_64bits_reset(c->state);
            c->next = 0;
        }
        c->rows = rows;
        c->next += tensor_rows(t);
        XXH3_64bits_update(c->state, t->data, tensor_bytes(t));
    }
}

void numbering_read(struct numbering *n, const struct frame *f, bool fragment)
{
    bool text = f->kind == FRAME_TEXT;

    if ((!text && f->kind != FRAME_TENSOR) || !is_source(n, f->name, text))
        return;
    if (fragment && (f->first != 0 || frame_chunk_rows(f) != f->rows))
        read_part(n, f);
    else if (text)
        read_texts(n, f);
    else
        read_inter(n, f->name, f->first, f->rows, &f->tensor);
}

void numbering_write(struct numbering *n, const char *name, const struct texts *texts,
                     const struct tensor *t)
{
    if (!is_source(n, name, texts != NULL))
        return;
    if (!texts)
        read_inter(n, name, 0, tensor_rows(t), t);
    else
        chain_begin(n, name, texts->count);
    for (int64_t i = 0; texts && i < texts->count; i++)
        numbering_row(n, name, i, texts->count, texts_at(texts, i),
                      texts_length(texts, i));
}

struct claim *numbering_claim(const struct numbering *n, const char *key)
{
    for (int i = 0; i < n->claim_count; i++)
        if (strcmp(n->claims[i].key, key) == 0)
            return &n->claims[i];
    return NULL;
}

void numbering_use(struct numbering *n, const char *column, const char *value)
{
    struct claim fresh, *c = numbering_claim(n, column);

    if (!c) {
        fresh = (struct claim){ .key = mem_string(column) };
        MEM_PUSH(n->claims, n->claim_count, n->claim_room, fresh);
        c = &n->claims[n->claim_count - 1];
    }
    snprintf(c->value, sizeof c->value, "%s", value);
}
