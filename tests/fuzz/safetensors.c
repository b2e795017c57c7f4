#include "memory.h"
#include "readers.h"

/* Most changes of the header's text make its length wrong and are refused for that:
 * once more with the length that ends at the last brace. */
static void with_right_length(const uint8_t *data, size_t size)
{
    uint8_t *copy = memcpy(malloc(size), data, size);
    size_t end = size;

    while (end > 8 && data[end - 1] != '}')
        end--;
    for (int i = 0; i < 8; i++)
        copy[i] = (uint8_t)((end - 8) >> 8 * i);
    fuzz_file(read_safetensors, copy, size);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size >= 8)
        with_right_length(data, size);
    return fuzz_file(read_safetensors, data, size);
}
