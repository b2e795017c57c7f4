#include "text/vocab.h"

#include "util/mem.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

struct vocab_entry {
    char *word; /* NULL: a free slot */
    size_t bytes;
    int id;
};

/* Where the word is, or the free slot where it would be. */
static struct vocab_entry *place(const struct vocab *v, const char *word, size_t bytes)
{
    size_t i = (size_t)XXH3_64bits(word, bytes) & (v->slots - 1);

    while (v->slot[i].word &&
           (v->slot[i].bytes != bytes || memcmp(v->slot[i].word, word, bytes) != 0))
        i = (i + 1) & (v->slots - 1);
    return &v->slot[i];
}

static void grow(struct vocab *v)
{
    struct vocab bigger = *v;

    bigger.slots = v->slots ? 2 * v->slots : 1024;
    bigger.slot = mem_new(bigger.slots, sizeof *bigger.slot);
    for (size_t i = 0; i < v->slots; i++)
        if (v->slot[i].word)
            *place(&bigger, v->slot[i].word, v->slot[i].bytes) = v->slot[i];
    free(v->slot);
    *v = bigger;
}

void vocab_add(struct vocab *v, const char *word, size_t bytes, int id)
{
    struct vocab_entry *e;

    if (v->count == 0)
        v->highest = -1;
    if (2 * v->count >= v->slots)
        grow(v);
    e = place(v, word, bytes);
    if (!e->word) {
        e->word = memcpy(mem_resize(NULL, bytes + 1, 1), word, bytes);
        e->bytes = bytes;
        v->count++;
    }
    e->id = id;
    v->highest = id > v->highest ? id : v->highest;
}

int vocab_find(const struct vocab *v, const char *word, size_t bytes)
{
    const struct vocab_entry *e = v->slots ? place(v, word, bytes) : NULL;

    return e && e->word ? e->id : -1;
}

void vocab_free(struct vocab *v)
{
    for (size_t i = 0; i < v->slots; i++)
        free(v->slot[i].word);
    free(v->slot);
    *v = (struct vocab){ 0 };
}
