/* The JSON files of sentence encoders beside their weights: each input is read as all of
 * them, in a folder that is else a small model's. */
#include "model.h"
#include "sbert/sentence_encoder.h"
#include "stream/tensor.h"

static const struct placed files[] = {
    { "tests/fixtures/encoders/roberta", "roberta/config.json" },
    { "tests/fixtures/encoders/modernbert", "modernbert/config.json" },
    { "tests/fixtures/encoders/nomic_bert", "nomic_bert/config.json" },
    { "tests/fixtures/encoders/2019", "0_BERT/config.json" },
    { "tests/fixtures/encoders/roberta", "/modules.json" },
    { "tests/fixtures/encoders/roberta", "/sentence_bert_config.json" },
    { "tests/fixtures/encoders/roberta", "1_Pooling/config.json" },
    { "tests/fixtures/encoders/roberta", "2_Dense/config.json" },
    { "tests/fixtures/encoders/nomic_bert", "/config_sentence_transformers.json" },
};

static unsigned look(const sentence_encoder *s)
{
    int width = sentence_encoder_width(s);
    struct texts texts = { 0 };
    struct error e = { "" };
    float *out = mem_new(2 * (size_t)width, sizeof *out);
    unsigned sum = 0;

    texts_add(&texts, "", 0);
    texts_add(&texts, "Toy Story, 1995", 15);
    if (sentence_encoder_encode(s, out, &texts, NULL, NULL, &e) < 0 && e.text[0] == '\0')
        abort();
    for (int i = 0; i < 2 * width; i++)
        sum += out[i] > 0;
    free(out);
    texts_free(&texts);
    return sum;
}

static unsigned read_folder(const char *folder)
{
    struct error e = { "" };
    sentence_encoder *s = sentence_encoder_open(folder, NULL, 0, FROZEN_REAL, &e);
    unsigned sum = s ? look(s) : 0;

    if (!s && e.text[0] == '\0')
        abort();
    sentence_encoder_free(s);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return replace_files(files, sizeof files / sizeof *files, read_folder, data, size);
}
