/* Attributes against what has come, and the attributes of what is written. */
#include "stream/numbering_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One digest of the columns up to the last that the key is of. */
static const char *inter_value(const struct numbering *n, int columns,
                               char value[NUMBERING_VALUE])
{
    uint64_t digest[INTER_COLUMNS];

    for (int i = 0; i < columns; i++) {
        const struct column *c = &n->inter[i];

        if (!c->state || c->next != c->rows || c->rows != n->inter[0].rows)
            return NULL;
        digest[i] = XXH3_64bits_digest(c->state);
    }
    return numbering_value(n->inter[0].rows,
                           XXH3_64bits(digest, (size_t)columns * sizeof *digest), value);
}

/* Of the stream itself: NULL where it lacks the source, or not all of it has come. */
static const char *value_here(const struct numbering *n, const char *key,
                              char value[NUMBERING_VALUE])
{
    const struct chain *c = numbering_chain(n, key);

    if (strcmp(key, "inter") == 0)
        return inter_value(n, INTER_SPLIT, value);
    if (strcmp(key, "inter.split") == 0)
        return inter_value(n, INTER_COLUMNS, value);
    return numbering_is_whole(c) ? numbering_value(c->rows, c->last, value) : NULL;
}

static bool parse(const char *value, int64_t *rows, uint64_t *digest)
{
    char *end, *stop;

    *rows = strtoll(value, &end, 10);
    if (end == value || *end != ':' || *rows < 0 || strlen(end + 1) != DIGEST_TEXT - 1)
        return false;
    *digest = strtoull(end + 1, &stop, 16);
    return *stop == 0;
}

/* Is the stream's column, or its beginning, the one of the value? */
static bool begins_so(const struct chain *c, int64_t rows, uint64_t digest)
{
    if (!numbering_is_whole(c) || rows > c->rows)
        return false;
    if (rows == c->rows)
        return digest == c->last;
    return digest == (rows == 0 ? 0 : c->at[rows - 1]);
}

int numbering_check(struct numbering *n, const char *key, const char *value,
                    struct error *e)
{
    const struct claim *claim = numbering_claim(n, key);
    char room[NUMBERING_VALUE];
    const char *here = value_here(n, key, room);
    uint64_t digest;
    int64_t rows;

    if (!parse(value, &rows, &digest))
        return fail(e, "%s '%s', expected rows and digest", key, value);
    if (here && strcmp(here, value) != 0 &&
        !begins_so(numbering_chain(n, key), rows, digest))
        return fail(e, "%s %s, but the input's is %s", key, value, here);
    if (!here && claim && strcmp(claim->value, value) != 0)
        return fail(e, "%s %s, but others in the input on %s", key, value, claim->value);
    if (!claim)
        numbering_use(n, key, value);
    return 0;
}

/* Adds the attribute where its value is known. */
static int add(struct numbering *n, const char *key, const char *claimed,
               struct attr list[NUMBERING_ATTRS], int count)
{
    const char *here = claimed ? NULL : value_here(n, key, n->made[count]);
    const struct claim *claim = here || claimed ? NULL : numbering_claim(n, key);

    if (claimed || claim)
        here = strcpy(n->made[count], claimed ? claimed : claim->value);
    if (!here)
        return count;
    list[count] = (struct attr){ key, n->made[count] };
    return count + 1;
}

/* Adds that of ids; not to rows that are others'. */
static int add_ids(struct numbering *n, const char *name, const char *what, int64_t rows,
                   struct attr list[NUMBERING_ATTRS], int count)
{
    char key[16];
    const struct chain *c;

    snprintf(key, sizeof key, "%s.id", what);
    c = numbering_chain(n, key);
    if (strncmp(name, key, strlen(what) + 1) == 0 && numbering_is_whole(c) &&
        c->rows != rows)
        return count;
    return add(n, c ? c->name : strcmp(what, "item") == 0 ? "item.id" : "user.id", NULL,
               list, count);
}

int numbering_attrs(struct numbering *n, const char *name, int64_t rows,
                    struct attr list[NUMBERING_ATTRS])
{
    unsigned on = numbering_of(name)->on;
    int count = 0;

    if (on & ON_ITEMS)
        count = add_ids(n, name, "item", rows, list, count);
    if (on & ON_USERS)
        count = add_ids(n, name, "user", rows, list, count);
    if (on & ON_INTER)
        count = add(n, "inter", NULL, list, count);
    if (on & ON_SPLIT)
        count = add(n, "inter.split", NULL, list, count);
    for (int i = 0; on & ON_TEXTS && i < n->claim_count && count < NUMBERING_ATTRS; i++)
        if (strncmp(n->claims[i].key, "item.", 5) == 0 &&
            strcmp(n->claims[i].key, "item.id") != 0)
            count = add(n, n->claims[i].key, n->claims[i].value, list, count);
    return count;
}
