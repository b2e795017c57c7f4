/* What is in a stream: names, types, shapes, sizes, history; or rows of one. */
#include "cli/cli.h"
#include "stream/names.h"
#include "stream/names_seen.h"
#include "stream/reader.h"
#include "stream/summary.h"
#include "util/channel.h"
#include "util/error.h"
#include "util/escape.h"
#include "util/half.h"

#include <stdio.h>
#include <string.h>

static long head_rows = 0, from_row = 0;
static const char *names = NULL, *magic = NULL;
static bool tsv = false;

static struct names_seen seen;

static const struct opt options[] = {
    NAMES_OPTION(names, "show"),
    { OPT_INT, 0, "head", &head_rows,
      "print N rows of --name in place of the table; 0: the table", 0, 1e15,
      .record = OPT_LOCAL },
    { OPT_INT, 0, "from", &from_row, "row that --head begins with", 0, 1e15,
      .record = OPT_LOCAL },
    { OPT_STRING, 0, "magic", &magic,
      "print the bytes that begin frames of this name, for parallel --recstart",
      .record = OPT_LOCAL },
    { OPT_FLAG, 0, "tsv", &tsv,
      "print the table for programs: tabs, bytes, a header line",
      .record = OPT_LOCAL },
    { OPT_END },
};

static const struct cli cli = {
    .summary = "show what is in a stream: names, types, shapes, sizes, history",
    .usage = "[FILE...]",
    .example = "stream-show --name item.title --head 3 data.mr",
    .options = options,
};

static void print_number(const struct tensor *t, size_t i)
{
    switch (t->type) {
    case DT_F4:
    case DT_F2: {
        uint16_t half;
        float v;

        memcpy(&half, (char *)t->data + 2 * i, 2);
        if (t->type == DT_F2)
            v = half_from_f16(half);
        else
            memcpy(&v, (char *)t->data + 4 * i, 4);
        printf("%.7g", (double)v);
        break;
    }
    case DT_I1:
        printf("%d", ((int8_t *)t->data)[i]);
        break;
    case DT_U1:
        printf("%d", ((uint8_t *)t->data)[i]);
        break;
    case DT_I4: {
        int32_t v;

        memcpy(&v, (char *)t->data + 4 * i, 4);
        printf("%d", v);
        break;
    }
    default: {
        int64_t v;

        memcpy(&v, (char *)t->data + 8 * i, 8);
        printf("%lld", (long long)v);
    }
    }
}

static void print_row(const struct frame *f, int64_t row)
{
    size_t width;

    if (f->kind == FRAME_TEXT) {
        const msgpack_object_str *text = &f->rows_of_text[row].via.str;

        escape_print(stdout, text->ptr, text->size);
    } else {
        width = tensor_row_bytes(&f->tensor) / dtype_size(f->tensor.type);
        for (size_t i = 0; i < width; i++) {
            if (i)
                putchar('\t');
            print_number(&f->tensor, (size_t)row * width + i);
        }
    }
    putchar('\n');
}

/* Prints the frame's share of the wanted rows; true once the last was printed. */
static bool print_rows(const struct frame *f, bool *found)
{
    int64_t end = f->first + frame_chunk_rows(f), last = from_row + head_rows;

    if ((f->kind != FRAME_TENSOR && f->kind != FRAME_TEXT) || strcmp(f->name, names) != 0)
        return false;
    *found = true;
    for (int64_t i = from_row > f->first ? from_row : f->first; i < end && i < last; i++)
        print_row(f, i - f->first);
    return end >= last || end == f->rows;
}

/* Prints the frame's first bytes if it has that name: magic, kind and name, each of the
 * last two behind its length (FORMAT.md), so that no other frame begins so. */
static bool print_magic(const struct frame *f, bool *found)
{
    size_t kind = 1 + strlen(frame_kind_names[f->kind]), name = strlen(f->name);

    if (strcmp(f->name, magic) != 0 || f->kind == FRAME_HEAD)
        return false;
    name += name < 32 ? 1 : 2;
    fwrite(f->bytes, 1, STREAM_MAGIC_SIZE + kind + name, stdout);
    *found = true;
    return true;
}

/* True where no more need be read. */
static bool take_frame(struct summary *s, const struct frame *f, bool *found)
{
    if (f->kind != FRAME_HEAD && f->kind != FRAME_END)
        names_seen_add(&seen, f->name);
    if (magic)
        return print_magic(f, found);
    if (head_rows > 0)
        return print_rows(f, found);
    if (f->kind == FRAME_HEAD || f->kind == FRAME_END || !names ||
        names_match(names, f->name))
        summary_add(s, f);
    return false;
}

static bool show(struct summary *s, const char *path, bool *found)
{
    const struct frame *f;
    struct error e;
    struct reader *r = reader_open(path, &e);
    bool enough = false;
    int got = 0;

    if (!r)
        die("%s", e.text);
    while (!enough && (got = reader_next(r, &f)) > 0)
        enough = take_frame(s, f, found);
    if (got < 0)
        die("%s", reader_error(r));
    reader_close(r);
    return enough;
}

int main(int argc, char **argv)
{
    static char *standard_input[] = { "-", NULL };
    int first = cli_parse(argc, argv, &cli);
    char **inputs = first < argc ? argv + first : standard_input;
    struct summary *s;
    struct error e;
    bool found = false;

    if (head_rows > 0 && !names)
        cli_mistake("--head needs --name: rows of what?");
    cli_needs("from", head_rows > 0, "--head N");
    if (magic && (head_rows > 0 || names || tsv))
        cli_mistake("--magic is asked for alone");
    s = summary_new(tsv);
    while (*inputs && !show(s, *inputs, &found))
        inputs++;
    if ((head_rows > 0 || magic) && !found &&
        names_seen_check(&seen, magic ? magic : names, &e) < 0)
        die("--%s: %s", magic ? "magic" : "name", e.text);
    if (head_rows > 0 && !found)
        die("--head: '%s' is no name of one tensor or text", names);
    if (head_rows == 0 && !magic)
        (tsv ? summary_tsv : summary_table)(stdout, s);
    summary_free(s);
    channel_finish_stdout();
    if (!tsv && !magic && head_rows == 0 && names_seen_check(&seen, names, &e) < 0)
        die("--name: %s", e.text);
    names_seen_free(&seen);
    return STATUS_DONE;
}
