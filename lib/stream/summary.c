#include "stream/summary.h"

#include "stream/numbering.h"
#include "util/escape.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

/* One line of the table. */
struct line {
    char *name, *type, *shape, *attrs;
    size_t bytes;
};

struct summary {
    bool whole;
    struct line *lines;
    int count, room;
    char **history;
    int heads, heads_room;
};

struct summary *summary_new(bool whole)
{
    struct summary *s = mem_new(1, sizeof *s);

    s->whole = whole;
    return s;
}

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

    if (strlen(value) <= LONG_VALUE)
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

static void start_line(struct line *line, const struct frame *f, bool whole_values)
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
        const char *all = f->attrs[i].value;
        char *value;

        if (!whole_values && numbering_is_key(f->attrs[i].key))
            continue; /* long, and nothing to people */
        value = whole_values ? mem_string(all) : shortened(all);
        line->attrs = add_pair(line->attrs, "=", f->attrs[i].key, value);
        free(value);
    }
}

static void add_chunk(struct summary *s, const struct frame *f)
{
    struct line *line = find_line(s, f->name);

    if (f->first == 0)
        start_line(line, f, s->whole);
    if (f->kind == FRAME_TENSOR)
        line->bytes += tensor_bytes(&f->tensor);
    for (int64_t i = 0; f->kind == FRAME_TEXT && i < frame_chunk_rows(f); i++)
        line->bytes += f->rows_of_text[i].via.str.size;
}

void summary_add(struct summary *s, const struct frame *f)
{
    if (f->kind == FRAME_HEAD)
        add_head(s, f);
    else if (f->kind != FRAME_END)
        add_chunk(s, f);
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

static void print_line(FILE *out, const char *s)
{
    escape_print(out, s, strlen(s));
    putc('\n', out);
}

void summary_tsv(FILE *out, const struct summary *s)
{
    fputs("name\ttype\tshape\tbytes\tattrs\n", out);
    for (int i = 0; i < s->count; i++) {
        fprintf(out, "%s\t%s\t%s\t%zu\t", s->lines[i].name, s->lines[i].type,
                s->lines[i].shape, s->lines[i].bytes);
        print_line(out, s->lines[i].attrs);
    }
    for (int i = 0; i < s->heads; i++) {
        fprintf(out, "history\thead\t\t\t");
        print_line(out, s->history[i]);
    }
}

void summary_table(FILE *out, const struct summary *s)
{
    int name = 0, shape = 0;
    char size[32];

    for (int i = 0; i < s->count; i++) {
        int n = (int)strlen(s->lines[i].name), m = (int)strlen(s->lines[i].shape);

        name = n > name ? n : name;
        shape = m > shape ? m : shape;
    }
    for (int i = 0; i < s->count; i++) {
        const struct line *l = &s->lines[i];

        fprintf(out, "%-*s  %-4s  %-*s  %7s%s", name, l->name, l->type, shape, l->shape,
                human_size(l->bytes, size, sizeof size), *l->attrs ? "  " : "");
        print_line(out, l->attrs);
    }
    for (int i = 0; i < s->heads; i++) {
        fprintf(out, "history: ");
        print_line(out, s->history[i]);
    }
}

void summary_free(struct summary *s)
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
    free(s);
}
