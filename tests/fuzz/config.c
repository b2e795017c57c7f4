/* A language model's config.json, and its tokenizer.json: the same input as either. */
#include "held.h"
#include "llm/decoder_config.h"
#include "readers.h"
#include "text/bpe.h"
#include "text/bpe_files.h"

static unsigned encode(const struct bpe *b)
{
    static const char text[] = "The Matrix (1999)\n <|im_end|> \xe4\xb8\x83";
    struct error e = { "" };
    int *ids, n = bpe_encode(b, text, sizeof text - 1, &ids, &e);
    unsigned sum;

    if (n < 0)
        return refused(&e);
    sum = touch_bytes(ids, (size_t)n * sizeof *ids);
    for (int i = 0; i < n; i++)
        if (ids[i] < 0 || ids[i] >= bpe_tokens(b))
            abort();
    free(ids);
    return sum;
}

static unsigned look(const char *path)
{
    struct error e = { "" };
    struct decoder_config c;
    double *factors = NULL;
    bool tied;
    struct json_file f;
    struct bpe *b;
    unsigned sum = 0;

    if (json_open(&f, path, &e) < 0)
        return refused(&e);
    if (decoder_config_hf(&c, &factors, &tied, &f, &e) < 0)
        sum += refused(&e);
    else if (decoder_config_check(&c, path, &e) < 0)
        sum += refused(&e);
    free(factors);
    b = bpe_from_json(f.root, &e);
    if (b) {
        sum += encode(b);
        bpe_free(b);
    } else
        sum += refused(&e);
    json_close(&f);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return held_file(look, data, size);
}
