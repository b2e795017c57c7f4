#include "text/vocabulary.h"

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

bool vocabulary_short(size_t have, size_t want)
{
    size_t lack = have < want ? want - have : 0;

    return lack >= 128 && lack > want / 32;
}

void vocabulary_short_warn(const char *path, int tokens, int rows)
{
    if (vocabulary_short((size_t)tokens, (size_t)rows))
        warn("%s: the tokenizer has %d tokens, but the model has rows for %d: a cut "
             "vocabulary cuts texts into other tokens", path, tokens, rows);
}

void vocabulary_short_merges(const char *folder, const struct bpe_text *token,
                             const enum bpe_kind *kind, size_t tokens, size_t merges)
{
    size_t made = 0;

    for (size_t i = 0; i < tokens; i++) {
        size_t letters = 0;

        for (size_t k = 0; k < token[i].size; k++)
            letters += (token[i].data[k] & 0xc0) != 0x80; /* begins one, in UTF-8 */
        made += kind[i] == BPE_NORMAL && letters > 1;
    }
    if (vocabulary_short(merges, made))
        warn("%s/merges.txt: has %zu merges, but vocab.json has %zu tokens of more than "
             "one letter: a cut list cuts texts into other tokens", folder, merges, made);
}
