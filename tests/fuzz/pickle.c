/* Pickles by themselves, without the archive around them that torch.save writes. */
#include "formats/pickle.h"
#include "memory.h"
#include "readers.h"

/* What is reachable within a few steps: a pickle may hold itself. */
static unsigned look(const struct pickle_value *v, int depth)
{
    unsigned sum = 0;

    if (!v || depth == 0)
        return 1;
    sum += (unsigned)v->kind;
    switch (v->kind) {
    case PICKLE_TEXT:
    case PICKLE_LONG:
        return sum + touch_bytes(v->text, v->size) + pickle_is(v, "args");
    case PICKLE_LIST:
    case PICKLE_TUPLE:
    case PICKLE_DICT:
        for (long i = 0; i < v->count && i < 8; i++)
            sum += look(v->item[i], depth - 1);
        return sum;
    case PICKLE_SPACE:
    case PICKLE_STORAGE:
    case PICKLE_TENSOR:
        return sum + look(v->of, depth - 1);
    default:
        return sum;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned char *copy = malloc(size ? size : 1); /* one byte too far is seen */
    struct error e = { "" };
    size_t used = 0;
    struct pickle *p;

    memcpy(copy, data, size);
    p = pickle_read(copy, size, &used, &e);
    if (!p)
        refused(&e);
    else {
        if (used > size)
            abort();
        look(pickle_root(p), 6);
        for (long i = 0; i < pickle_storages(p); i++)
            look(pickle_storage(p, i), 6);
        pickle_free(p);
    }
    free(copy);
    return 0;
}
