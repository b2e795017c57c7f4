#include "text/bpe.h"

#include "text/bpe_parts.h"
#include "util/mem.h"

#include <string.h>

char *bpe_decode(const struct bpe *t, const int *ids, size_t n, size_t *size,
                 struct error *e)
{
    size_t total = 0, used = 0;
    char *bytes;

    for (size_t i = 0; i < n; i++) {
        if (ids[i] < 0 || ids[i] >= t->tokens) {
            fail(e, "token %d, expected 0 to %d", ids[i], t->tokens - 1);
            return NULL;
        }
        if (t->kind[ids[i]] != BPE_SPECIAL)
            total += t->token[ids[i]].size;
    }
    bytes = mem_new(total + 1, 1);
    for (size_t i = 0; i < n; i++) {
        struct bpe_text token = t->token[ids[i]];

        if (t->kind[ids[i]] == BPE_SPECIAL)
            continue;
        memcpy(bytes + used, token.data, token.size);
        used += token.size;
    }
    if (size)
        *size = total;
    return bytes;
}
