#include "formats/pickle.h"

#include "formats/pickle_parts.h"
#include "util/mem.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static int op_proto(struct machine *m, int unused)
{
    uint64_t version;

    (void)unused;
    if (pickle_number(m, 1, &version) < 0)
        return -1;
    return version >= 2 && version <= 5
               ? 0
               : fail(m->e, "protocol %d, expected 2 to 5", (int)version);
}

/* The frames of protocol 4 say what to read at once; all is here already. */
static int op_frame(struct machine *m, int unused)
{
    uint64_t size;

    (void)unused;
    if (pickle_number(m, 8, &size) < 0)
        return -1;
    return size <= (uint64_t)(m->end - m->at)
               ? 0
               : fail(m->e, "cut short: a frame of %" PRIu64 " bytes, %td left", size,
                      m->end - m->at);
}

static int op_stop(struct machine *m, int unused)
{
    (void)unused;
    if (m->marks > 0 || m->height != 1)
        return fail(m->e, "ends with %ld values, expected one", m->height);
    m->p->root = m->stack[0];
    m->stopped = true;
    return 0;
}

static int op_mark(struct machine *m, int unused)
{
    (void)unused;
    MEM_PUSH(m->mark, m->marks, m->mark_room, m->height);
    return 0;
}

static int op_empty(struct machine *m, int kind)
{
    pickle_push(m, (enum pickle_kind)kind);
    return 0;
}

/* The topmost n values become one tuple. */
static int op_tuple(struct machine *m, int n)
{
    struct pickle_value *v;
    long floor = m->marks ? m->mark[m->marks - 1] : 0, first = m->height - n;

    if (first < floor)
        return fail(m->e, "takes a value that is not there");
    v = pickle_push(m, PICKLE_TUPLE);
    for (int i = 0; i < n; i++)
        pickle_add(v, m->stack[first + i]);
    m->stack[first] = v;
    m->height = first + 1;
    return 0;
}

/* What lies above the last mark, which goes: where it begins on the stack, -1 and the
 * reason where there is no mark. */
static long above_mark(struct machine *m)
{
    return m->marks ? m->mark[--m->marks] : fail(m->e, "there is no mark on the stack");
}

static int op_marked(struct machine *m, int kind)
{
    long first = above_mark(m), last = m->height;
    struct pickle_value *v;

    if (first < 0)
        return -1;
    if (kind == PICKLE_DICT && (last - first) % 2)
        return fail(m->e, "a key without a value");
    v = pickle_push(m, (enum pickle_kind)kind);
    for (long i = first; i < last; i++)
        pickle_add(v, m->stack[i]);
    m->stack[first] = v;
    m->height = first + 1;
    return 0;
}

/* Values from first on go into the list or dict that lies below them. */
static int fill(struct machine *m, enum pickle_kind kind, long first)
{
    long floor = m->marks ? m->mark[m->marks - 1] : 0;

    if (first - 1 < floor || m->stack[first - 1]->kind != kind)
        return fail(m->e, "fills a %s that is not there",
                    kind == PICKLE_DICT ? "dict" : "list");
    if (kind == PICKLE_DICT && (m->height - first) % 2)
        return fail(m->e, "a key without a value");
    for (long i = first; i < m->height; i++)
        pickle_add(m->stack[first - 1], m->stack[i]);
    m->height = first;
    return 0;
}

static int op_fill_one(struct machine *m, int kind)
{
    return fill(m, (enum pickle_kind)kind, m->height - (kind == PICKLE_DICT ? 2 : 1));
}

static int op_fill_marked(struct machine *m, int kind)
{
    long first = above_mark(m);

    return first < 0 ? -1 : fill(m, (enum pickle_kind)kind, first);
}

/* Remembers the topmost value.  Python counts memos up from 0. */
static int op_put(struct machine *m, int index_bytes)
{
    uint64_t i = (uint64_t)m->memos;

    if (index_bytes && pickle_number(m, index_bytes, &i) < 0)
        return -1;
    if (m->height == 0)
        return fail(m->e, "remembers a value that is not there");
    if (i > (uint64_t)m->memos)
        return fail(m->e, "memo %" PRIu64 " where %ld were expected", i, m->memos);
    if (i < (uint64_t)m->memos)
        m->memo[i] = m->stack[m->height - 1];
    else
        MEM_PUSH(m->memo, m->memos, m->memo_room, m->stack[m->height - 1]);
    return 0;
}

static int op_get(struct machine *m, int index_bytes)
{
    uint64_t i;

    if (pickle_number(m, index_bytes, &i) < 0)
        return -1;
    if (i >= (uint64_t)m->memos)
        return fail(m->e, "memo %" PRIu64 " of %ld", i, m->memos);
    MEM_PUSH(m->stack, m->height, m->room, m->memo[i]);
    return 0;
}

static const struct {
    int (*run)(struct machine *m, int argument);
    int argument;
} opcodes[256] = {
    [0x80] = { op_proto, 0 },             [0x95] = { op_frame, 0 },
    ['.'] = { op_stop, 0 },               ['('] = { op_mark, 0 },
    ['N'] = { pickle_constant, PICKLE_NONE << 1 },
    [0x88] = { pickle_constant, PICKLE_BOOL << 1 | 1 },
    [0x89] = { pickle_constant, PICKLE_BOOL << 1 },
    ['K'] = { pickle_int, 1 },                ['M'] = { pickle_int, 2 },
    ['J'] = { pickle_int, 4 },                ['G'] = { pickle_float, 0 },
    [0x8a] = { pickle_long, 1 },              [0x8b] = { pickle_long, 4 },
    [0x8c] = { pickle_text, 1 },              ['X'] = { pickle_text, 4 },
    [0x8d] = { pickle_text, 8 },              ['U'] = { pickle_text, 1 },
    ['T'] = { pickle_text, 4 },               ['C'] = { pickle_text, 1 },
    ['B'] = { pickle_text, 4 },               [0x8e] = { pickle_text, 8 },
    [']'] = { op_empty, PICKLE_LIST },    ['}'] = { op_empty, PICKLE_DICT },
    [')'] = { op_empty, PICKLE_TUPLE },   ['l'] = { op_marked, PICKLE_LIST },
    ['t'] = { op_marked, PICKLE_TUPLE },  ['d'] = { op_marked, PICKLE_DICT },
    [0x85] = { op_tuple, 1 },             [0x86] = { op_tuple, 2 },
    [0x87] = { op_tuple, 3 },
    ['a'] = { op_fill_one, PICKLE_LIST }, ['e'] = { op_fill_marked, PICKLE_LIST },
    ['s'] = { op_fill_one, PICKLE_DICT }, ['u'] = { op_fill_marked, PICKLE_DICT },
    ['q'] = { op_put, 1 },                ['r'] = { op_put, 4 },
    [0x94] = { op_put, 0 },
    ['h'] = { op_get, 1 },                ['j'] = { op_get, 4 },
    ['c'] = { pickle_global, 0 },         [0x93] = { pickle_stack_global, 0 },
    ['i'] = { pickle_global, 1 }, /* calls it at once: refused, by name */
    ['R'] = { pickle_reduce, 0 },         [0x81] = { pickle_new, 0 },
    ['b'] = { pickle_build, 0 },          ['Q'] = { pickle_persistent, 0 },
};

static int run(struct machine *m)
{
    while (!m->stopped) {
        const unsigned char *at = pickle_take(m, 1);

        if (!at)
            return -1;
        if (!opcodes[*at].run)
            fail(m->e, "opcode 0x%02x, which torch does not write", *at);
        else if (opcodes[*at].run(m, opcodes[*at].argument) == 0)
            continue;
        return fail_in(m->e, "byte %td", at - m->start);
    }
    return 0;
}

struct pickle *pickle_read(const unsigned char *data, size_t size, size_t *used,
                           struct error *e)
{
    struct pickle *p = mem_new(1, sizeof *p);
    struct machine m = { .start = data, .at = data, .end = data + size, .p = p, .e = e };
    int result = run(&m);

    free(m.stack);
    free(m.memo);
    free(m.mark);
    *used = (size_t)(m.at - data);
    if (result == 0)
        return p;
    pickle_free(p);
    return NULL;
}

void pickle_free(struct pickle *p)
{
    struct pickle_block *next;

    if (!p)
        return;
    for (struct pickle_block *b = p->blocks; b; b = next) {
        for (int i = 0; i < b->used; i++)
            if (b->value[i].kind >= PICKLE_LIST && b->value[i].kind <= PICKLE_DICT)
                free(b->value[i].item);
        next = b->next;
        free(b);
    }
    free(p->storage);
    free(p);
}

const struct pickle_value *pickle_root(const struct pickle *p)
{
    return p->root;
}

long pickle_storages(const struct pickle *p)
{
    return p->storages;
}

const struct pickle_value *pickle_storage(const struct pickle *p, long i)
{
    return p->storage[i];
}

bool pickle_is(const struct pickle_value *v, const char *text)
{
    return v->kind == PICKLE_TEXT && v->size == strlen(text) &&
           memcmp(v->text, text, v->size) == 0;
}
