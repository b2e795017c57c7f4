/* A growing list of token ids. */
#ifndef TEXT_TOKEN_LIST_H
#define TEXT_TOKEN_LIST_H

#include "util/mem.h"

struct token_list {
    int *id;
    long n, room;
};

static inline void token_list_add(struct token_list *l, int id)
{
    MEM_PUSH(l->id, l->n, l->room, id);
}

#endif
