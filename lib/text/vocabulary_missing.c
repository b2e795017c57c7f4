#include "text/vocabulary_missing.h"

#include "util/file.h"

#include <stdlib.h>

int vocabulary_missing(const char *folder, const char *missing, struct error *e)
{
    static const char *const other[] = { "tokenizer.model", "spiece.model",
                                         "sentencepiece.bpe.model", "tekken.json" };

    for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
        char *path = file_join(folder, other[i]);
        bool there = file_exists(path);

        if (there)
            fail(e, "%s: is not read without tokenizer.json, which AutoTokenizer of "
                    "transformers makes of it (save_pretrained)", path);
        free(path);
        if (there)
            return -1;
    }
    return fail(e, "%s: %s", folder, missing);
}
