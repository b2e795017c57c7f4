/* Turns texts into vectors with a sentence encoder: the items' texts of a stream,
 * or plain lines. */
#include "cli/cli.h"
#include "history/trained_rows.h"
#include "nn/blas.h"
#include "sbert/item_texts.h"
#include "sbert/sentence_encoder.h"
#include "stream/reads.h"
#include "stream/row_part.h"
#include "text/runes.h"
#include "text/slots.h"
#include "util/channel_each.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ITEM "item."

static const char *model_name = NULL, *template = "{*}", *prompt = NULL;
static bool lines = false;
static long max_length = 0;
static int precision = FROZEN_REAL;

static const struct opt options[] = {
    { OPT_PATH, 'm', "model", &model_name, "folder of the sentence encoder",
      .low = 0 },
    { OPT_STRING, 0, "template", &template, "text of an item; {*} is every column",
      .low = 0 },
    { OPT_FLAG, 0, "lines", &lines, "read lines of text, not a stream", .low = 0 },
    { OPT_STRING, 0, "prompt", &prompt,
      "the model's prompt of this name; '': none", .low = 0 },
    { OPT_INT, 0, "max-length", &max_length,
      "longest text in tokens; 0: the model's own limit",
      .low = 0, .high = 65536 },
    { OPT_CHOICE, 0, "precision", &precision,
      "number type of the model's products", 0, 0, frozen_precision_names },
    PART_OPTIONS,
    { .type = OPT_END },
};

static const struct cli cli = {
    .summary = "turn texts into vectors with a sentence encoder",
    .usage = "-m MODEL [FILE...]",
    .example = "sbert-encode -m MiniLM --template '{title}, {class}' data.mr > text.mr",
    .options = options,
    .flags = CLI_ONLY | CLI_THREADS | CLI_PROGRESS,
    .footer = "Reads the texts item.* and writes the vectors item.text; with --lines,\n"
              "reads lines and writes the vectors text.  In a template, {title} is the\n"
              "text item.title, and {*} every item.* but item.id, title first, with\n"
              "commas.",
};

/* Only the texts that the template names; of a fragment all, to see whether it has
 * any. */
static void keep_columns(struct filter *f, const struct slots *s)
{
    row_part_open(f);
    if (row_part_fragment)
        filter_keep_texts(f, ITEM "*");
    for (int i = 0; i < slots_count(s); i++)
        filter_keep_texts(f, mem_format(ITEM "%s", slots_name(s, i)));
    filter_replace(f, ITEM "text");
    filter_declare(f);
}

/* Adds a file's lines. */
static int read_lines(struct channel *in, const char *name, void *texts, struct error *e)
{
    struct runes check = { 0 };
    char *line = NULL;
    size_t room = 0;
    ssize_t n;
    int result = 0;

    for (long at = 1; result == 0 && (n = channel_line(in, &line, &room)) >= 0; at++) {
        check.n = 0;
        if (!runes_read(&check, line, (size_t)n))
            result = fail(e, "%s: line %ld: not valid UTF-8", name, at);
        else
            texts_add(texts, line, (size_t)n);
    }
    runes_free(&check);
    free(line);
    return result;
}

static struct texts read_all_lines(int argc, char **argv, int first)
{
    struct texts out = { 0 };
    struct error e;

    if (channel_each(argv + first, argc - first, read_lines, &out, &e) < 0)
        die("%s", e.text);
    if (out.count == 0)
        die("no input");
    return out;
}

/* What the progress of a piece belongs to. */
struct piece {
    struct filter *f;
    int64_t first;
};

static void watch(int64_t done, void *data)
{
    const struct piece *p = data;

    progress_update((long)(p->first + done), NULL);
    filter_check_reader(p->f);
}

/* Where the rows from `at` on stop being encoded together: items that joined the
 * catalogue later begin a block, so that those before them keep their bits. */
static int64_t piece_end(int64_t at, int64_t known, int64_t end)
{
    int64_t block = (at + ENCODER_BLOCK - 1) / ENCODER_BLOCK * ENCODER_BLOCK;
    int64_t stop = at < known ? known : at == known && block > at ? block : end;

    return stop < end ? stop : end;
}

/* The texts' vectors, (texts, width); they are rows first, ... of the items, of which
 * `known` are not new. */
static struct tensor encode(const sentence_encoder *s, const struct texts *texts,
                            int64_t first, int64_t known, struct filter *f)
{
    struct tensor out = tensor_new2(DT_F4, texts->count, sentence_encoder_width(s));
    int64_t cut = 0, n, less;
    struct error e;

    progress_begin("encoding", "texts", (long)texts->count);
    for (int64_t at = 0; at < texts->count; at += n) {
        struct texts some = { .bytes = texts->bytes, .offset = texts->offset + at };
        struct piece p = { f, at };

        n = some.count = piece_end(first + at, known, first + texts->count) - first - at;
        less = sentence_encoder_encode(
            s, (float *)out.data + at * sentence_encoder_width(s), &some, watch, &p, &e);
        if (less < 0)
            die("%s", e.text);
        cut += less;
    }
    progress_end();
    if (cut > 0)
        say("%" PRId64 " of %" PRId64 " texts are longer than %d tokens: their ends are "
            "left out", cut, texts->count, sentence_encoder_max_length(s));
    return out;
}

static sentence_encoder *open_encoder(void)
{
    struct error e;
    char *folder = file_find(model_name, &e);
    sentence_encoder *s =
        folder ? sentence_encoder_open(folder, prompt, (int)max_length,
                                       (enum frozen_precision)precision, &e)
               : NULL;

    if (!s)
        die("%s", e.text);
    free(folder);
    return s;
}

/* A part of a stream may hold nothing but heads. */
static bool any_texts(struct filter *f)
{
    const char *name;

    for (int i = 0; (name = filter_kept_name(f, i)); i++)
        if (filter_kept_is_text(f, i) && row_part_has(f, name))
            return true;
    return !row_part_fragment;
}

static void say_empty(const struct texts *texts)
{
    int64_t empty = 0;

    for (int64_t i = 0; i < texts->count; i++)
        empty += texts_length(texts, i) == 0;
    if (empty > 0)
        say("%" PRId64 " of %" PRId64 " items have no text: theirs is the vector of the "
            "empty one", empty, texts->count);
}

static void encode_items(const sentence_encoder *s, struct filter *f,
                         const struct slots *slots)
{
    struct texts texts;
    struct tensor vectors;
    struct row_part part;
    char text[24];
    int64_t known;

    filter_read(f);
    if (!any_texts(f))
        return;
    texts = item_texts_fill(f, slots, ENCODER_BLOCK, &part, &known);
    say_empty(&texts);
    vectors = encode(s, &texts, part.first, known, f);
    row_part_put(f, &part, ITEM "text", &vectors,
                 (struct attr[]){ { "model", file_base(model_name) },
                              trained_rows_attr(known, part.all, text), { NULL, NULL } });
    tensor_free(&vectors);
    texts_free(&texts);
}

static void encode_lines(const sentence_encoder *s, struct filter *f, int argc,
                         char **argv, int first)
{
    struct texts texts = read_all_lines(argc, argv, first);
    struct tensor vectors = encode(s, &texts, 0, texts.count, f);

    filter_put(f, "text", &vectors,
               (struct attr[]){ { "model", file_base(model_name) }, { NULL, NULL } });
    tensor_free(&vectors);
    texts_free(&texts);
}

int main(int argc, char **argv)
{
    int first = cli_parse(argc, argv, &cli);
    struct filter *f;
    struct slots *slots;
    sentence_encoder *s;
    struct error e;

    if (!model_name)
        cli_mistake("-m: which sentence encoder?");
    if (!(slots = slots_parse(template, &e)))
        cli_mistake("--template: %s", e.text);
    row_part_parse();
    cli_needs("template", !lines, "items of a stream: --lines are texts by themselves");
    if (lines && (row_part_share || row_part_fragment))
        cli_mistake("--lines: only a stream can be computed in parts");
    blas_start(argv);
    if (lines)
        reads_bytes("stream");
    f = lines ? filter_open_writing() : filter_open(argc, argv, first);
    if (!lines)
        keep_columns(f, slots);
    s = open_encoder();
    if (lines)
        encode_lines(s, f, argc, argv, first);
    else
        encode_items(s, f, slots);
    filter_close(f);
    slots_free(slots);
    sentence_encoder_free(s);
    return STATUS_DONE;
}
