#include "stream/filter_parts.h"

#include "cli/cli.h"
#include "ranks/launch.h"
#include "ranks/ranks.h"
#include "stream/names.h"
#include "stream/reads.h"
#include "util/channel.h"
#include "util/mem.h"

#include <assert.h>
#include <string.h>
#include <unistd.h>

static void open_file(struct filter *f)
{
    struct error e;

    if (!ranks_first())
        return;
    if (file_write_begin(&f->file, cli_output, &e) < 0)
        die("%s", e.text);
    f->out = writer_new(f->file.channel.fd);
}

static void open_stdout(struct filter *f, bool writes)
{
    if (!channel_writable(STDOUT_FILENO))
        die("<stdout>: is closed, or not open for writing");
    if (writes && isatty(STDOUT_FILENO) && !launch_known())
        die("refusing to write tensors to a terminal; redirect, or pipe into "
            "stream-show");
    if (writes && ranks_first())
        f->out = writer_new(STDOUT_FILENO);
}

static struct filter *filter_new(bool writes)
{
    struct filter *f = mem_new(1, sizeof *f);

    if (writes && cli_output)
        open_file(f);
    else
        open_stdout(f, writes);
    f->pass = writer_frame;
    return f;
}

static struct filter *open_inputs(struct filter *f, int argc, char **argv, int first)
{
    static char *standard_input[] = { "-" };

    for (int i = first, n = 0; i < argc; i++)
        if (strcmp(argv[i], "-") == 0 && n++ > 0)
            cli_mistake("standard input can be read only once");
    for (int i = first; cli_stdin_option() && (i < argc || i == first); i++)
        if (i == argc || strcmp(argv[i], "-") == 0)
            cli_mistake("--%s - takes standard input: name the stream's file",
                        cli_stdin_option());
    f->inputs = argc > first ? argv + first : standard_input;
    f->input_count = argc > first ? argc - first : 1;
    return f;
}

struct filter *filter_open(int argc, char **argv, int first)
{
    return open_inputs(filter_new(true), argc, argv, first);
}

struct filter *filter_open_reading(int argc, char **argv, int first)
{
    return open_inputs(filter_new(false), argc, argv, first);
}

struct filter *filter_open_words(void)
{
    return filter_new(false);
}

struct filter *filter_open_writing(void)
{
    return filter_new(true);
}

void filter_accept_fragments(struct filter *f)
{
    f->fragments = true;
}

void filter_accept_fragment_of_stdin(struct filter *f)
{
    f->fragment_of_stdin = true;
}

void filter_leave_no_head(struct filter *f)
{
    f->head_written = true;
}

void filter_pass_with(struct filter *f, filter_pass *pass)
{
    f->pass = pass;
}

void filter_watch_with(struct filter *f, filter_watch *watch, void *data)
{
    f->watch = watch;
    f->watch_data = data;
}

/* After the declaration it would not be true any more. */
static void add_pattern(struct filter *f, struct patterns *p, const char *pattern,
                        bool texts)
{
    assert(!f->declared);
    if (p->count == PATTERNS_MAX)
        die("more than %d patterns", PATTERNS_MAX);
    p->texts[p->count] = texts;
    p->list[p->count++] = mem_string(pattern);
}

void filter_keep(struct filter *f, const char *pattern)
{
    add_pattern(f, &f->keep, pattern, false);
}

void filter_keep_texts(struct filter *f, const char *pattern)
{
    add_pattern(f, &f->keep, pattern, true);
}

void filter_replace(struct filter *f, const char *pattern)
{
    add_pattern(f, &f->replace, pattern, false);
}

void filter_reads_file(struct filter *f, const char *path)
{
    add_pattern(f, &f->files, path, false);
}

void filter_puts_any_numbers(struct filter *f)
{
    f->any_numbers = true;
}

static void tell_patterns(const struct patterns *p, const char *kind, const char *texts)
{
    for (int i = 0; i < p->count; i++)
        reads_tell(p->texts[i] ? texts : kind, p->list[i]);
}

/* What becomes of the frames that pass is not this filter's own where it has a pass
 * function, and a fragment has no end to check: then all of the input counts. */
void filter_declare(struct filter *f)
{
    bool all = f->fragments || f->fragment_of_stdin || f->pass != writer_frame;

    f->declared = true;
    filter_numbering_begin(f);
    if (!cli_reads)
        return;
    reads_begin();
    reads_tell("input", !f->inputs ? "nothing" : all ? "bytes" : "stream");
    reads_tell("output", f->out ? "stream" : "words");
    tell_patterns(&f->keep, "keep", "keep-texts");
    filter_numbering_tell(f);
    tell_patterns(&f->replace, "replace", "replace");
    tell_patterns(&f->files, "file", "file");
    reads_end();
}

static bool matches(const struct patterns *p, const struct frame *frame)
{
    for (int i = 0; i < p->count; i++)
        if ((frame->kind == FRAME_TEXT ||
             (frame->kind == FRAME_TENSOR && !p->texts[i])) &&
            name_matches(p->list[i], frame->name))
            return true;
    return false;
}

static void take_frame(struct filter *f, struct reader *r, const struct frame *frame)
{
    struct error e;

    if (frame->kind == FRAME_END)
        return;
    if (frame->kind != FRAME_HEAD)
        names_seen_add(&f->seen, frame->name);
    if (frame->kind == FRAME_TEXT)
        names_seen_add(&f->texts_seen, frame->name);
    if (f->watch)
        f->watch(frame, f->watch_data);
    if (f->numbering)
        numbering_read(f->numbering, frame, f->store.fragments);
    if (frame->kind != FRAME_HEAD && frame->first == 0)
        f->made |= makers_of(frame->name);
    if (matches(&f->keep, frame)) {
        if (store_add(&f->store, frame, &e) < 0)
            die("%s: %s", reader_name(r), e.text);
        filter_ranks_give(frame);
    }
    if (!f->out || cli_only || matches(&f->replace, frame))
        return;
    f->pass(f->out, frame);
}

static void read_input(struct filter *f, const char *path)
{
    const struct frame *frame;
    struct error e;
    struct reader *r = reader_open(path, &e);
    int got;

    if (!r)
        die("%s", e.text);
    f->store.fragments =
        f->fragments || (f->fragment_of_stdin && strcmp(path, "-") == 0);
    if (f->store.fragments)
        reader_accept_fragment(r);
    while ((got = reader_next(r, &frame)) > 0)
        take_frame(f, r, frame);
    if (got < 0)
        die("%s", reader_error(r));
    reader_close(r);
}

void filter_read(struct filter *f)
{
    if (!f->declared)
        filter_declare(f);
    if (!ranks_first()) {
        filter_ranks_take(f);
        return;
    }
    for (int i = 0; i < f->input_count; i++)
        read_input(f, f->inputs[i]);
    filter_numbering_check(f);
    filter_ranks_give(NULL);
}
