/* Turns texts into vectors with a sentence encoder: the items' texts of a stream,
 * or plain lines. */
#include "models/sentence_encoder.h"
#include "rec/known.h"
#include "stream/part.h"
#include "stream/reads.h"
#include "tensor/blas.h"
#include "text/runes.h"
#include "text/slots.h"
#include "util/channel.h"
#include "util/cli.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/progress.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ITEM "item."
#define COLUMNS_MAX 256

static const char *model_name = NULL, *template = "{*}";
static bool lines = false;
static long max_length = 0;

static const struct opt options[] = {
    { OPT_PATH, 'm', "model", &model_name, "folder of the sentence encoder",
      .low = 0 },
    { OPT_STRING, 0, "template", &template, "an item's text, {*} is every column",
      .low = 0 },
    { OPT_FLAG, 0, "lines", &lines, "read lines of text, not a stream", .low = 0 },
    { OPT_INT, 0, "max-length", &max_length, "tokens of a text; 0: the model's own limit",
      .low = 0, .high = 65536 },
    PART_OPTIONS,
    { .type = OPT_END },
};

static const struct cli cli = {
    .summary = "turn texts into vectors with a sentence encoder",
    .usage = "-m MODEL [FILE...]",
    .example = "sbert-encode -m MiniLM --template '{title}, {class}' data.mr > text.mr",
    .options = options,
    .flags = CLI_ONLY | CLI_THREADS,
    .footer = "Reads the texts item.*, writes the vectors item.text; with --lines, reads\n"
              "lines and writes the vectors text.  In a template, {title} is the text\n"
              "item.title, and {*} every item.* but item.id, title first, with commas.",
};

/* Only the texts that the template names; of a fragment all, to see whether it has
 * any. */
static void keep_columns(struct filter *f, const struct slots *s)
{
    part_open(f);
    if (part_fragment)
        filter_keep_texts(f, ITEM "*");
    for (int i = 0; i < slots_count(s); i++)
        filter_keep_texts(f, mem_format(ITEM "%s", slots_name(s, i)));
    filter_replace(f, ITEM "text");
    filter_declare(f);
}

/* The columns of the items that are text, item.title first, without item.id. */
struct columns {
    const char *name[COLUMNS_MAX]; /* "title" */
    const struct texts *texts[COLUMNS_MAX];
    int n;
};

static void add_column(struct filter *f, struct columns *c, const char *name)
{
    if (c->n == COLUMNS_MAX)
        die("more than %d columns of text", COLUMNS_MAX);
    c->name[c->n] = name + strlen(ITEM);
    c->texts[c->n] = filter_texts(f, name, "data-import");
    if (c->texts[c->n]->count != c->texts[0]->count)
        die("'%s' has %" PRId64 " rows, but '" ITEM "%s' %" PRId64, name,
            c->texts[c->n]->count, c->name[0], c->texts[0]->count);
    c->n++;
}

static void find_columns(struct filter *f, struct columns *c)
{
    const char *name;

    c->n = 0;
    if (filter_has(f, ITEM "title"))
        add_column(f, c, ITEM "title");
    for (int i = 0; (name = filter_kept_name(f, i)); i++)
        if (filter_kept_is_text(f, i) && strcmp(name, ITEM "title") != 0 &&
            strcmp(name, ITEM "id") != 0)
            add_column(f, c, name);
    if (filter_has(f, ITEM "id"))
        add_column(f, c, ITEM "id"); /* last: only where a template names it */
}

/* The column that the i-th slot names; -1: every column; -2: there is none. */
static int column_of_slot(const struct columns *c, const struct slots *s, int i)
{
    if (strcmp(slots_name(s, i), "*") == 0)
        return -1;
    for (int k = 0; k < c->n; k++)
        if (strcmp(c->name[k], slots_name(s, i)) == 0)
            return k;
    return -2;
}

/* Every column's text but the id's, empty ones left out.  Free with free(). */
static char *join_row(const struct columns *c, int64_t row)
{
    char *all = mem_string(""), *longer;

    for (int k = 0; k < c->n; k++) {
        const char *text = texts_at(c->texts[k], row);

        if (!*text || strcmp(c->name[k], "id") == 0)
            continue;
        longer = mem_format("%s%s%s", all, *all ? ", " : "", text);
        free(all);
        all = longer;
    }
    return all;
}

/* column[i] of each slot; what the stream lacks is said, and at least one must be
 * there. */
static void match_slots(struct filter *f, const struct columns *c, const struct slots *s,
                        int *column)
{
    int found = 0;

    for (int i = 0; i < slots_count(s); i++) {
        column[i] = column_of_slot(c, s, i);
        found += column[i] >= 0 || (column[i] == -1 && c->n > 0);
    }
    if (found == 0) { /* dies: it is not there */
        char *name = mem_format(ITEM "%s", strcmp(slots_name(s, 0), "*") == 0
                                               ? "title" : slots_name(s, 0));
        filter_texts(f, name, "data-import");
    }
    for (int i = 0; i < slots_count(s); i++)
        if (column[i] == -2)
            say("no '" ITEM "%s' in the input: texts are made without it",
                slots_name(s, i));
}

/* The rows of this run; all columns have them. */
static struct part part_of_columns(struct filter *f, const struct columns *c)
{
    struct part first = { 0 };

    for (int k = 0; k < c->n; k++) {
        char *name = mem_format(ITEM "%s", c->name[k]);
        struct part p = part_of(f, name, ENCODER_BLOCK);

        if (k > 0 && (p.first != first.first || p.all != first.all))
            die("'%s' begins at row %" PRId64 " of %" PRId64 ", '" ITEM "%s' at %" PRId64
                " of %" PRId64 ": cut them together", name, p.first, p.all, c->name[0],
                first.first, first.all);
        first = k == 0 ? p : first;
        free(name);
    }
    return first;
}

/* How many of all rows are of items that are not new. */
static int64_t known_of_columns(struct filter *f, const struct columns *c)
{
    char *name = mem_format(ITEM "%s", c->name[0]);
    int64_t known = known_rows(f, name);

    free(name);
    return known;
}

/* The items' texts, one a row, by the template. */
static struct texts fill_template(struct filter *f, const struct slots *s,
                                  struct part *part, int64_t *known)
{
    int n = slots_count(s), *column = mem_new((size_t)n, sizeof *column);
    const char **value = mem_new((size_t)n, sizeof *value);
    struct texts out = { 0 };
    struct columns c;

    find_columns(f, &c);
    match_slots(f, &c, s, column);
    *part = part_of_columns(f, &c);
    *known = known_of_columns(f, &c);
    for (int64_t row = part->at; row < part->at + part->count; row++) {
        char *joined = join_row(&c, row), *text;

        for (int i = 0; i < n; i++)
            value[i] = column[i] >= 0    ? texts_at(c.texts[column[i]], row)
                       : column[i] == -1 ? joined
                                         : NULL;
        text = slots_fill(s, value);
        texts_add(&out, text, strlen(text));
        free(text);
        free(joined);
    }
    free(value);
    free(column);
    return out;
}

/* Adds a file's lines; "-" is stdin. */
static void read_lines(struct texts *out, const char *path)
{
    const char *name = strcmp(path, "-") == 0 ? "<stdin>" : path;
    struct channel in;
    struct runes check = { 0 };
    char *line = NULL;
    size_t room = 0;
    ssize_t n;

    channel_read(&in, path);
    if (!in.f)
        die("%s: %s", path, strerror(errno));
    for (long at = 1; (n = getline(&line, &room, in.f)) >= 0; at++) {
        n -= line[n - 1] == '\n';
        check.n = 0;
        if (!runes_read(&check, line, (size_t)n))
            die("%s: line %ld: not valid UTF-8", name, at);
        texts_add(out, line, (size_t)n);
    }
    if (channel_close(&in) != 0)
        die("%s: %s", name, strerror(in.error));
    runes_free(&check);
    free(line);
}

static struct texts read_all_lines(int argc, char **argv, int first)
{
    struct texts out = { 0 };

    if (first == argc)
        read_lines(&out, "-");
    for (int i = first; i < argc; i++)
        read_lines(&out, argv[i]);
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
    struct tensor out = tensor_new2(DT_F4, texts->count, encoder_width(s));
    int64_t cut = 0, n, less;
    struct error e;

    progress_begin("encoding", "texts", (long)texts->count);
    for (int64_t at = 0; at < texts->count; at += n) {
        struct texts some = { .bytes = texts->bytes, .offset = texts->offset + at };
        struct piece p = { f, at };

        n = some.count = piece_end(first + at, known, first + texts->count) - first - at;
        less = encoder_encode(s, (float *)out.data + at * encoder_width(s), &some, watch, &p,
                              &e);
        if (less < 0)
            die("%s", e.text);
        cut += less;
    }
    progress_end();
    if (cut > 0)
        say("%" PRId64 " of %" PRId64 " texts are longer than %d tokens: their ends are "
            "left out", cut, texts->count, encoder_max_length(s));
    return out;
}

static sentence_encoder *open_encoder(void)
{
    struct error e;
    char *folder = file_find(model_name, &e);
    sentence_encoder *s = folder ? encoder_open(folder, (int)max_length, &e) : NULL;

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
        if (filter_kept_is_text(f, i) && part_has(f, name))
            return true;
    return !part_fragment;
}

static void encode_items(const sentence_encoder *s, struct filter *f,
                         const struct slots *slots)
{
    struct texts texts;
    struct tensor vectors;
    struct part part;
    char text[24];
    int64_t known;

    filter_read(f);
    if (!any_texts(f))
        return;
    texts = fill_template(f, slots, &part, &known);
    vectors = encode(s, &texts, part.first, known, f);
    part_put(f, &part, ITEM "text", &vectors,
             (struct attr[]){ { "model", file_base(model_name) },
                              known_attr(known, part.all, text), { NULL, NULL } });
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
    part_parse();
    if (lines && (part_share || part_fragment))
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
    encoder_free(s);
    return STATUS_DONE;
}
