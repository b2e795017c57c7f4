#include "text/vocabulary_missing.h"

#include "util/file.h"

#include <stdlib.h>

int vocabulary_missing(const char *folder, const char *missing, struct error *e)
{
    static const struct {
        const char *name;
        bool converted;
    } other[] = {
        { "tokenizer.model", true }, { "spiece.model", true }, { "spm.model", true },
        { "sentencepiece.bpe.model", true }, { "tekken.json", false },
    };

    for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
        char *path = file_join(folder, other[i].name);
        bool there = file_exists(path);

        if (there && other[i].converted)
            fail(e, "%s: is not read without tokenizer.json, which AutoTokenizer of "
                    "transformers, with sentencepiece and protobuf, makes of it "
                    "(save_pretrained)", path);
        else if (there)
            fail(e, "%s: is not read: expected tokenizer.json beside it", path);
        free(path);
        if (there)
            return -1;
    }
    return fail(e, "%s: %s", folder, missing);
}
