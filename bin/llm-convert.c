/* Writes a language model and its tokenizer as one GGUF file, quantised if asked. */
#include "cli/cli.h"
#include "formats/quantise.h"
#include "llm/decoder_write.h"
#include "llm/llm.h"
#include "stream/reads.h"
#include "text/bpe_files.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/progress.h"

#include <stdlib.h>
#include <sys/statvfs.h>

static int type = 0;
static const char *output = "", *random_config = "", *tokenizer = "";

static const struct opt options[] = {
    { OPT_CHOICE, 't', "type", &type, "number type of the matrices",
      .choices = quantise_names },
    { OPT_OUTPUT, 'o', "output", &output, "write the model to FILE" },
    { OPT_PATH, 0, "random", &random_config,
      "write random weights, in the shape that this config.json gives" },
    { OPT_PATH, 0, "tokenizer", &tokenizer,
      "take the tokenizer from this folder or GGUF file; \"\": from the model" },
    { 0 }
};

static const struct cli cli = {
    .summary = "write a language model as one GGUF file",
    .usage = "-o FILE [MODEL]",
    .example = "llm-convert -t q8_0 -o small.gguf SmolLM2.gguf",
    .options = options,
    .flags = CLI_SEED | CLI_THREADS | CLI_PROGRESS,
    .footer = "MODEL is a Hugging Face folder or a GGUF file, by path or name;\n"
              "llm-score(1) lists the families.  Norms, biases and learned positions\n"
              "stay f32.  With 4 or 5 bits the token table and the head take q8_0.  A\n"
              "matrix whose rows are no whole blocks takes f16, or q8_0 where only\n"
              "blocks of 256 numbers do not fit.",
};

static void check_arguments(int argc, int first)
{
    if (!*output)
        cli_mistake("--output: no file to write is named");
    if (*random_config ? argc != first : argc != first + 1)
        cli_mistake(*random_config ? "--random takes no model"
                                   : "expected one model, found %d", argc - first);
}

static char *find(const char *name)
{
    struct error e;
    char *path = file_find(name, &e);

    if (!path)
        die("%s", e.text);
    return path;
}

/* A token for each byte and an end that is also the start; no merges. */
static struct bpe *placeholder(struct error *e)
{
    static char letters[256][4];
    struct bpe_text token[257] = { [256] = { "</s>", 4 } };
    enum bpe_kind kind[257] = { [256] = BPE_SPECIAL };
    struct bpe_source s = { .tokens = 257, .token = token, .kind = kind, .bos = 256,
                            .eos = 256, .add_bos = true };

    for (int b = 0; b < 256; b++)
        token[b] = (struct bpe_text){ letters[b], bpe_byte_letter(b, letters[b]) };
    return bpe_new(&s, e);
}

static struct bpe *open_tokenizer(const char *model)
{
    struct error e;
    char *path = *tokenizer ? find(tokenizer) : NULL;
    struct bpe *b = path || model ? llm_tokenizer(path ? path : model, &e)
                                  : placeholder(&e);

    if (!b)
        die("%s", e.text);
    if (!path && !model)
        say("no --tokenizer: a placeholder with a token for each byte");
    free(path);
    return b;
}

static struct decoder_file open_model(const char *model)
{
    struct decoder_file f;
    struct error e;

    if (model ? decoder_file_open(&f, model, &e) < 0
              : decoder_file_random(&f, random_config, cli_seed, &e) < 0)
        die("%s", e.text);
    return f;
}

/* Disk that is free below the output's folder; unknown: 0. */
static double free_bytes(void)
{
    char *folder = mem_string(output);
    struct statvfs s;
    double left = 0;

    *(char *)file_base(folder) = 0;
    if (statvfs(*folder ? folder : ".", &s) == 0)
        left = (double)s.f_bavail * (double)s.f_frsize;
    free(folder);
    return left;
}

static int write_file(struct decoder_write *d, struct gguf_writer *w, struct error *e)
{
    int n = decoder_write_tensors(d), result = gguf_writer_begin(w, output, e);

    progress_begin("writing", "tensors", n);
    for (int i = 0; i < n && result == 0; i++) {
        result = decoder_write_tensor(d, i, e);
        progress_update(i + 1, NULL);
    }
    progress_end();
    return result < 0 ? -1 : gguf_writer_commit(w, e);
}

static void convert(const struct decoder_file *f, const struct bpe *b, const char *name)
{
    struct gguf_writer *w = gguf_writer_new();
    struct decoder_write *d = decoder_write_new(f, quantise_types[type], name, w);
    struct error e;
    int failed;

    if (f->random)
        gguf_put_bool(w, DECODER_RANDOM_KEY, true);
    failed = bpe_to_gguf(b, f->c.vocab, w, &e);
    if (!failed) {
        say("%s: %d tensors, %.3f GB to write, %.1f GB of disk free", file_base(output),
            decoder_write_tensors(d), (double)gguf_writer_bytes(w) / 1e9,
            free_bytes() / 1e9);
        if (decoder_write_fallen(d) > 0)
            say("%d matrices become %s: their rows are no whole number of %s's blocks",
                decoder_write_fallen(d),
                dequant_find(quantise_types[type])->block > 32 ? "q8_0 or f16" : "f16",
                quantise_names[type]);
        failed = write_file(d, w, &e);
    }
    decoder_write_free(d);
    gguf_writer_free(w);
    if (failed)
        die("%s: %s", name, e.text);
}

int main(int argc, char **argv)
{
    int first = cli_parse(argc, argv, &cli);
    char *model;
    struct decoder_file f;
    struct bpe *b;

    reads_bytes("words"); /* so that memo asks, and is refused for --output */
    check_arguments(argc, first);
    model = *random_config ? NULL : find(argv[first]);
    f = open_model(model);
    b = open_tokenizer(model);
    convert(&f, b, file_base(model ? model : random_config));
    bpe_free(b);
    decoder_file_close(&f);
    free(model);
    return STATUS_DONE;
}
