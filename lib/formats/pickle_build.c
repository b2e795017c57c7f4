#include "formats/pickle_parts.h"
#include "util/mem.h"

#include <string.h>

/* What a call of a global makes. */
enum call { CALL_TENSOR, CALL_PARAMETER, CALL_DICT, CALL_SPACE, CALL_TYPE };

static const struct known {
    const char *module, *name;
    enum call call;
    enum safetensors_type type; /* CALL_TYPE */
} known[] = {
    { "torch._utils", "_rebuild_tensor_v2", CALL_TENSOR, 0 },
    { "torch._utils", "_rebuild_parameter", CALL_PARAMETER, 0 },
    { "collections", "OrderedDict", CALL_DICT, 0 },
    { "argparse", "Namespace", CALL_SPACE, 0 },
    { "torch", "DoubleStorage", CALL_TYPE, ST_F64 },
    { "torch", "FloatStorage", CALL_TYPE, ST_F32 },
    { "torch", "HalfStorage", CALL_TYPE, ST_F16 },
    { "torch", "BFloat16Storage", CALL_TYPE, ST_BF16 },
    { "torch", "LongStorage", CALL_TYPE, ST_I64 },
    { "torch", "IntStorage", CALL_TYPE, ST_I32 },
    { "torch", "ShortStorage", CALL_TYPE, ST_I16 },
    { "torch", "CharStorage", CALL_TYPE, ST_I8 },
    { "torch", "ByteStorage", CALL_TYPE, ST_U8 },
    { "torch", "BoolStorage", CALL_TYPE, ST_BOOL },
};

struct words {
    const char *at;
    size_t size;
};

static bool is(struct words w, const char *text)
{
    return w.size == strlen(text) && memcmp(w.at, text, w.size) == 0;
}

/* Printable and of bounded length, for a message. */
static const char *shown(struct words w, char text[80])
{
    size_t n = w.size < 79 ? w.size : 79;

    for (size_t i = 0; i < n; i++)
        text[i] = w.at[i] >= ' ' && w.at[i] <= '~' ? w.at[i] : '?';
    text[n] = '\0';
    return text;
}

static int push_global(struct machine *m, struct words module, struct words name)
{
    char a[80], b[80];

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (!is(module, known[i].module) || !is(name, known[i].name))
            continue;
        if (known[i].call == CALL_TYPE)
            pickle_push(m, PICKLE_TYPE)->type = known[i].type;
        else
            pickle_push(m, PICKLE_CALL)->call = (int)known[i].call;
        return 0;
    }
    return fail(m->e, "refuses the global '%s.%s', which is no part of tensors and "
                      "settings (nothing was executed; save the state_dict alone)",
                shown(module, a), shown(name, b));
}

static int take_line(struct machine *m, struct words *line)
{
    const unsigned char *end = memchr(m->at, '\n', (size_t)(m->end - m->at));

    if (!end)
        return fail(m->e, "cut short in a name");
    *line = (struct words){ (const char *)m->at, (size_t)(end - m->at) };
    m->at = end + 1;
    return 0;
}

int pickle_global(struct machine *m, int calls_it)
{
    struct words module, name;

    if (take_line(m, &module) < 0 || take_line(m, &name) < 0 ||
        push_global(m, module, name) < 0)
        return -1;
    return calls_it ? fail(m->e, "an opcode that torch does not write") : 0;
}

int pickle_stack_global(struct machine *m, int unused)
{
    struct pickle_value *name = pickle_pop(m), *module = name ? pickle_pop(m) : NULL;

    (void)unused;
    if (!module)
        return -1;
    if (name->kind != PICKLE_TEXT || module->kind != PICKLE_TEXT)
        return fail(m->e, "a global's name is no text");
    return push_global(m, (struct words){ module->text, module->size },
                       (struct words){ name->text, name->size });
}

/* What torch calls with these arguments. */
static int call(struct machine *m, enum call what, struct pickle_value *args)
{
    switch (what) {
    case CALL_TENSOR:
        pickle_push(m, PICKLE_TENSOR)->of = args;
        return 0;
    case CALL_PARAMETER:
        if (args->count < 1 || args->item[0]->kind != PICKLE_TENSOR)
            return fail(m->e, "a parameter that is no tensor");
        MEM_PUSH(m->stack, m->height, m->room, args->item[0]);
        return 0;
    case CALL_DICT:
    case CALL_SPACE:
        if (args->count > 0)
            return fail(m->e, "an object is made of %ld arguments, expected none",
                        args->count);
        pickle_push(m, what == CALL_DICT ? PICKLE_DICT : PICKLE_SPACE);
        return 0;
    case CALL_TYPE:
        break;
    }
    return fail(m->e, "calls what is no function");
}

int pickle_reduce(struct machine *m, int unused)
{
    struct pickle_value *args = pickle_pop(m), *callee = args ? pickle_pop(m) : NULL;

    (void)unused;
    if (!callee)
        return -1;
    if (callee->kind != PICKLE_CALL || args->kind != PICKLE_TUPLE)
        return fail(m->e, "calls what is no function");
    return call(m, (enum call)callee->call, args);
}

/* Python's objects of plain classes. */
int pickle_new(struct machine *m, int unused)
{
    struct pickle_value *args = pickle_pop(m), *class = args ? pickle_pop(m) : NULL;

    (void)unused;
    if (!class)
        return -1;
    if (class->kind != PICKLE_CALL || args->kind != PICKLE_TUPLE ||
        (class->call != CALL_DICT && class->call != CALL_SPACE))
        return fail(m->e, "makes an object of what is no class");
    return call(m, (enum call)class->call, args);
}

/* An object's attributes: a namespace is made of them, and a state_dict's (which
 * version of a layer it is from) are not needed. */
int pickle_build(struct machine *m, int unused)
{
    struct pickle_value *state = pickle_pop(m);

    (void)unused;
    if (!state)
        return -1;
    if (m->height == 0 || (m->marks && m->height <= m->mark[m->marks - 1]))
        return fail(m->e, "attributes of what is not there");
    if (m->stack[m->height - 1]->kind == PICKLE_DICT)
        return 0;
    if (m->stack[m->height - 1]->kind != PICKLE_SPACE || state->kind != PICKLE_DICT)
        return fail(m->e, "attributes of what can have none");
    m->stack[m->height - 1]->of = state;
    return 0;
}

int pickle_persistent(struct machine *m, int unused)
{
    struct pickle_value *id = pickle_pop(m), *v;

    (void)unused;
    if (!id)
        return -1;
    if (id->kind != PICKLE_TUPLE)
        return fail(m->e, "a storage that is not described by a tuple");
    v = pickle_push(m, PICKLE_STORAGE);
    v->of = id;
    MEM_PUSH(m->p->storage, m->p->storages, m->p->storage_room, v);
    return 0;
}
