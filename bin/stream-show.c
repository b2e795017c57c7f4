/* What is in a stream: names, types, shapes, sizes, history; or rows of one. */
#include "stream/names.h"
#include "stream/reader.h"
#include "util/channel.h"
#include "util/cli.h"
#include "util/error.h"
#include "util/mem.h"
#include "weights/half.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static long head_rows = 0, from_row = 0;
static const char *names = NULL, *magic = NULL;
static bool tsv = false;

static const struct opt options[] = {
    { OPT_STRING, 'n', "name", &names, "only these names: item.title, cf.*, a,b",
      .record = OPT_LOCAL },
    { OPT_INT, 0, "head", &head_rows, "print that many rows of --name instead", 0, 1e15,
      .record = OPT_LOCAL },
    { OPT_INT, 0, "from", &from_row, "with --head: from this row on", 0, 1e15,
      .record = OPT_LOCAL },
    { OPT_STRING, 0, "magic", &magic,
      "print the bytes that begin this name's frames, for parallel --recstart",
      .record = OPT_LOCAL },
    { OPT_FLAG, 0, "tsv", &tsv, "the table for programs: tabs, bytes, a header line",
      .record = OPT_LOCAL },
    { OPT_END },
};

static const struct cli cli = {
    .summary = "show what is in a stream: names, types, shapes, sizes, history",
    .usage = "[FILE...]",
    .example = "stream-show --name item.title --head 3 data.mr",
    .options = options,
};

/* One line of the table. */
struct line {
    char *name, *type, *shape, *attrs;
    size_t bytes;
};

struct summary {
    struct line *lines;
    int count, room;
    char **history;
    int heads, heads_room;
};

static char *joined(char *old, const char *separator, const char *more)
{
    char *s = mem_format("%s%s%s", old, *old ? separator : "", more);

    free(old);
    return s;
}

/* As a shell would take it, but for quotes in it. */
static char *quoted(const char *value)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789_-+=.,:/@%";

    return *value && value[strspn(value, plain)] == 0 ? mem_string(value)
                                                      : mem_format("'%s'", value);
}

enum { LONG_VALUE = 40 }; /* bytes: longer ones would hide the table */

/* An attribute's value for people: a template, say, by its beginning alone. */
static char *shortened(const char *value)
{
    int n = LONG_VALUE;

    if (tsv || strlen(value) <= LONG_VALUE)
        return mem_string(value);
    while (((unsigned char)value[n] & 0xc0) == 0x80)
        n--; /* not inside a character */
    return mem_format("%.*s...", n, value);
}

static char *add_pair(char *text, const char *format, const char *key, const char *value)
{
    char *q = quoted(value), *pair;

    pair = strcmp(format, "=") == 0 ? mem_format("%s=%s", key, q)
                                    : mem_format("--%s %s", key, q);
    text = joined(text, " ", pair);
    free(q);
    free(pair);
    return text;
}

/* "yes" and "no" are the values of flags; what is empty was not given. */
static char *add_option(char *text, const struct attr *option)
{
    char *flag;

    if (!*option->value)
        return text;
    if (strcmp(option->value, "yes") != 0 && strcmp(option->value, "no") != 0)
        return add_pair(text, "--", option->key, option->value);
    flag = mem_format("--%s%s", *option->value == 'y' ? "" : "no-", option->key);
    text = joined(text, " ", flag);
    free(flag);
    return text;
}

/* "cf-train 0.1.0 --dim 50 --seed 1" */
static void add_head(struct summary *s, const struct frame *f)
{
    const char *version = frame_attr(f, "version"), *seed = frame_attr(f, "seed");
    char *text = mem_format("%s %s", f->name, version ? version : "?");

    for (int i = 0; i < f->option_count; i++)
        text = add_option(text, &f->options[i]);
    if (seed)
        text = add_pair(text, "--", "seed", seed);
    MEM_PUSH(s->history, s->heads, s->heads_room, text);
}

static struct line *find_line(struct summary *s, const char *name)
{
    for (int i = 0; i < s->count; i++)
        if (strcmp(s->lines[i].name, name) == 0)
            return &s->lines[i];
    MEM_PUSH(s->lines, s->count, s->room, (struct line){ .name = mem_string(name) });
    return &s->lines[s->count - 1];
}

static void start_line(struct line *line, const struct frame *f)
{
    struct tensor whole = f->tensor;
    char shape[256];

    whole.shape[0] = f->rows;
    free(line->type);
    free(line->shape);
    free(line->attrs);
    line->type = mem_string(f->kind == FRAME_TEXT ? "text" : dtype_name(whole.type));
    line->shape = mem_string(tensor_shape_text(&whole, shape, sizeof shape));
    line->attrs = mem_string("");
    line->bytes = 0;
    for (int i = 0; i < f->attr_count; i++) {
        char *value = shortened(f->attrs[i].value);

        line->attrs = add_pair(line->attrs, "=", f->attrs[i].key, value);
        free(value);
    }
}

static void add_chunk(struct summary *s, const struct frame *f)
{
    struct line *line;

    if (names && !names_match(names, f->name))
        return;
    line = find_line(s, f->name);
    if (f->first == 0)
        start_line(line, f);
    if (f->kind == FRAME_TENSOR)
        line->bytes += tensor_bytes(&f->tensor);
    for (int64_t i = 0; f->kind == FRAME_TEXT && i < frame_chunk_rows(f); i++)
        line->bytes += f->rows_of_text[i].via.str.size;
}

static const char *human_size(size_t bytes, char *text, size_t size)
{
    static const char *const units[] = { "B", "kB", "MB", "GB", "TB" };
    double v = (double)bytes;
    int unit = 0;

    while (v >= 999.5 && unit < 4) {
        v /= 1000;
        unit++;
    }
    snprintf(text, size, unit && v < 99.5 ? "%.1f %s" : "%.0f %s", v, units[unit]);
    return text;
}

/* Text on one line, harmless to a terminal. */
static void print_text(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];

        if (c == '\n')
            fputs("\\n", stdout);
        else if (c == '\t')
            fputs("\\t", stdout);
        else if (c == '\\')
            fputs("\\\\", stdout);
        else if (c < 32 || c == 127)
            printf("\\x%02x", c);
        else
            putchar(c);
    }
}

static void print_line(const char *s)
{
    print_text(s, strlen(s));
    putchar('\n');
}

static void print_tsv(const struct summary *s)
{
    puts("name\ttype\tshape\tbytes\tattrs");
    for (int i = 0; i < s->count; i++) {
        printf("%s\t%s\t%s\t%zu\t", s->lines[i].name, s->lines[i].type,
               s->lines[i].shape, s->lines[i].bytes);
        print_line(s->lines[i].attrs);
    }
    for (int i = 0; i < s->heads; i++) {
        printf("history\thead\t\t\t");
        print_line(s->history[i]);
    }
}

static void print_table(const struct summary *s)
{
    int name = 0, shape = 0;
    char size[32];

    for (int i = 0; i < s->count; i++) {
        int n = (int)strlen(s->lines[i].name), m = (int)strlen(s->lines[i].shape);

        name = n > name ? n : name;
        shape = m > shape ? m : shape;
    }
    for (int i = 0; i < s->count; i++) {
        printf("%-*s  %-4s  %-*s  %7s%s", name, s->lines[i].name, s->lines[i].type,
               shape, s->lines[i].shape, human_size(s->lines[i].bytes, size, sizeof size),
               *s->lines[i].attrs ? "  " : "");
        print_line(s->lines[i].attrs);
    }
    for (int i = 0; i < s->heads; i++) {
        printf("history: ");
        print_line(s->history[i]);
    }
}

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
        print_text(f->rows_of_text[row].via.str.ptr, f->rows_of_text[row].via.str.size);
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
    size_t kind = strlen(frame_kind_names[f->kind]), name = strlen(f->name);

    if (strcmp(f->name, magic) != 0 || f->kind == FRAME_HEAD)
        return false;
    fwrite(f->bytes, 1, STREAM_MAGIC_SIZE + 1 + kind + (name < 32 ? 1 : 2) + name, stdout);
    *found = true;
    return true;
}

/* True where no more need be read. */
static bool take_frame(struct summary *s, const struct frame *f, bool *found)
{
    if (magic)
        return print_magic(f, found);
    if (head_rows > 0)
        return print_rows(f, found);
    if (f->kind == FRAME_HEAD)
        add_head(s, f);
    else if (f->kind != FRAME_END)
        add_chunk(s, f);
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

static void free_summary(struct summary *s)
{
    for (int i = 0; i < s->count; i++) {
        free(s->lines[i].name);
        free(s->lines[i].type);
        free(s->lines[i].shape);
        free(s->lines[i].attrs);
    }
    for (int i = 0; i < s->heads; i++)
        free(s->history[i]);
    free(s->lines);
    free(s->history);
}

int main(int argc, char **argv)
{
    static char *standard_input[] = { "-", NULL };
    int first = cli_parse(argc, argv, &cli);
    char **inputs = first < argc ? argv + first : standard_input;
    struct summary s = { .count = 0 };
    bool found = false;

    if (head_rows > 0 && !names)
        cli_mistake("--head needs --name: rows of what?");
    if (magic && (head_rows > 0 || names || tsv))
        cli_mistake("--magic is asked for alone");
    while (*inputs && !show(&s, *inputs, &found))
        inputs++;
    if ((head_rows > 0 || magic) && !found)
        die("there is no '%s'", magic ? magic : names);
    if (head_rows == 0 && !magic)
        (tsv ? print_tsv : print_table)(&s);
    free_summary(&s);
    channel_finish_stdout();
    return STATUS_DONE;
}
