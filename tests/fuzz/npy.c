/* numpy's .npy files, and what a stream takes of them. */
#include "formats/dtype_convert.h"
#include "formats/npy.h"
#include "memory.h"
#include "readers.h"

static unsigned look(const char *path)
{
    struct error e = { "" };
    struct tensor t;
    struct npy n;
    unsigned sum = 0;

    if (npy_open(&n, path, &e) < 0)
        return refused(&e);
    for (int all_f4 = 0; all_f4 < 2; all_f4++) {
        bool owned = false;

        if (dtype_convert_take(&t, &owned, &n.array, all_f4, &e) < 0)
            sum += refused(&e);
        else {
            sum += touch_bytes(t.data, tensor_bytes(&t));
            if (owned)
                tensor_free(&t);
        }
    }
    npy_close(&n);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_file(look, data, size);
}
