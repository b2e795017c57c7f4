#include "text/vocab.h"

#include "util/mem.h"

#include <stdlib.h>

void vocab_add(struct vocab *v, const char *word, size_t bytes, int id)
{
    int32_t n = string_index_add(&v->words, word, bytes);

    v->highest = v->count == 0 || id > v->highest ? id : v->highest;
    if (n == v->count)
        MEM_PUSH(v->id, v->count, v->room, id);
    else
        v->id[n] = id;
}

int vocab_find(const struct vocab *v, const char *word, size_t bytes)
{
    int32_t n = string_index_find(&v->words, word, bytes);

    return n < 0 ? -1 : v->id[n];
}

void vocab_free(struct vocab *v)
{
    string_index_free(&v->words);
    free(v->id);
    *v = (struct vocab){ 0 };
}
