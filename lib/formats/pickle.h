/* Pickles as torch.save writes them (protocols 2 to 5), read as data.  A pickle is a
 * program for a stack machine, and in Python it may name any function and call it.
 * Here it may name what tensors and settings are made of, and those are looked at,
 * never called:
 *
 *     torch.FloatStorage and its like        the type of a storage
 *     torch._utils._rebuild_tensor_v2        PICKLE_TENSOR
 *     torch._utils._rebuild_parameter        the tensor in it
 *     collections.OrderedDict                PICKLE_DICT (its attributes are dropped)
 *     argparse.Namespace                     PICKLE_SPACE: settings
 *
 * Every other global is refused by name.  Nothing here recurses, every length is
 * checked against the bytes that are left, and no byte of the file makes more than
 * a bounded number of bytes of memory.
 * Opcodes: https://github.com/python/cpython/blob/main/Lib/pickletools.py */
#ifndef FORMATS_PICKLE_H
#define FORMATS_PICKLE_H

#include "formats/safetensors.h"
#include "util/error.h"

enum pickle_kind {
    PICKLE_NONE,
    PICKLE_BOOL, PICKLE_INT, /* integer */
    PICKLE_FLOAT,            /* real */
    PICKLE_TEXT,             /* text, size: within the file, not zero-terminated */
    PICKLE_LONG,             /* the same: little-endian bytes of more than 64 bits */
    PICKLE_LIST,             /* item, count */
    PICKLE_TUPLE,
    PICKLE_DICT,             /* item, count: key, value, key, value, ... */
    PICKLE_SPACE,            /* of: its dict, or NULL */
    PICKLE_STORAGE,          /* of: what stands for it, a tuple as torch wrote it */
    PICKLE_TENSOR,           /* of: the tuple of _rebuild_tensor_v2's arguments */
    PICKLE_TYPE,             /* type: the elements of a storage */
    PICKLE_CALL,             /* a global that makes something else */
};

struct pickle_value {
    enum pickle_kind kind;
    union {
        int64_t integer;
        double real;
        struct {
            const char *text;
            size_t size;
        };
        struct {
            struct pickle_value **item;
            long count, room;
        };
        struct pickle_value *of;
        enum safetensors_type type;
        int call;
    };
};

struct pickle;

/* Reads the pickle that begins at data (size bytes), and sets *used to the pickle's
 * length in bytes.  The values borrow from data.  Returns the pickle, to free with
 * pickle_free, or NULL and the reason in e, which names the byte. */
struct pickle *pickle_read(const unsigned char *data, size_t size, size_t *used,
                           struct error *e);
void pickle_free(struct pickle *p);

/* Returns the value that the pickle holds. */
const struct pickle_value *pickle_root(const struct pickle *p);

/* Return the number of storages, and the i-th in the order in which the pickle names
 * them. */
long pickle_storages(const struct pickle *p);
const struct pickle_value *pickle_storage(const struct pickle *p, long i);

/* Returns whether v is this text. */
bool pickle_is(const struct pickle_value *v, const char *text);

#endif
