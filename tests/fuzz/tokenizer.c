/* tokenizer.json of sentence encoders, tokenizer_config.json, and the lists that stand in
 * their place: each input is read as all of them. */
#include "model.h"
#include "text/tokenizer.h"

static const struct placed files[] = {
    { "tests/fixtures/encoders/roberta", "/tokenizer.json" },
    { "tests/fixtures/encoders/xlm-roberta", "/tokenizer_config.json" },
    { "tests/fixtures/encoders/nomic_bert", "/tokenizer_config.json" },
    { "tests/fixtures/encoders/2019/0_BERT", "/vocab.txt" },
    { "tests/fixtures/encoders/2019-roberta/0_RoBERTa", "/merges.txt" },
};

static const char *const texts[] = {
    "", "a", "Toy Story (1995)", " \t\n  x", "\xe2\x96\x81 e\xcc\x81 \xf0\x9f\x91\x8d",
    "<s>a<mask> [SEP]", "\xef\xbc\xa1\xef\xac\x81\xe3\x80\x80",
    "\xe6\x9d\xb1\xe4\xba\xac",
};

static unsigned look(const tokenizer *t)
{
    struct token_list got = { 0 };
    unsigned sum = 0;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        long before = got.n;

        tokenizer_encode(t, texts[i], strlen(texts[i]), i % 3 ? 0 : 8, &got);
        for (long k = before; k < got.n; k++)
            if (got.id[k] < 0 || got.id[k] >= tokenizer_size(t))
                abort();
        sum += (unsigned)got.n;
    }
    free(got.id);
    return sum;
}

static unsigned read_folder(const char *folder)
{
    struct error e = { "" };
    tokenizer *t = tokenizer_open(folder, false, &e);
    unsigned sum = t ? look(t) : 0;

    if (!t && e.text[0] == '\0')
        abort();
    tokenizer_free(t);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return replace_files(files, sizeof files / sizeof *files, read_folder, data, size);
}
