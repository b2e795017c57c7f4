#include "formats/pickle_parts.h"
#include "util/mem.h"

#include <inttypes.h>

struct pickle_value *pickle_push(struct machine *m, enum pickle_kind kind)
{
    struct pickle_block *b = m->p->blocks;
    struct pickle_value *v;

    if (!b || b->used == PICKLE_BLOCK) {
        b = mem_new(1, sizeof *b);
        b->next = m->p->blocks;
        m->p->blocks = b;
    }
    v = &b->value[b->used++];
    v->kind = kind;
    MEM_PUSH(m->stack, m->height, m->room, v);
    return v;
}

const unsigned char *pickle_take(struct machine *m, uint64_t n)
{
    const unsigned char *at = m->at;
    size_t left = (size_t)(m->end - at);

    if (n > left) {
        fail(m->e, "cut short: %" PRIu64 " bytes expected, %zu left", n, left);
        return NULL;
    }
    m->at += n;
    return at;
}

struct pickle_value *pickle_pop(struct machine *m)
{
    if (m->height <= (m->marks ? m->mark[m->marks - 1] : 0)) {
        fail(m->e, "takes a value that is not there");
        return NULL;
    }
    return m->stack[--m->height];
}

void pickle_add(struct pickle_value *to, struct pickle_value *v)
{
    if (to->count == to->room) {
        to->room = to->room ? 2 * to->room : 2;
        to->item = mem_resize(to->item, (size_t)to->room, sizeof *to->item);
    }
    to->item[to->count++] = v;
}
