#include "stream/filter.h"

#include "stream/names.h"
#include "stream/reads.h"
#include "stream/store.h"
#include "util/channel.h"
#include "util/cli.h"
#include "util/mem.h"
#include "util/progress.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#define PATTERNS_MAX 32

struct patterns {
    const char *list[PATTERNS_MAX];
    bool texts[PATTERNS_MAX]; /* only texts match */
    int count;
};

struct filter {
    char **inputs; /* NULL: reads nothing */
    int input_count;
    bool fragments, fragment_of_stdin, head_written, declared;
    struct patterns keep, replace, files;
    struct store store;
    struct writer *out; /* NULL: writes words */
    filter_pass *pass;
    filter_watch *watch; /* or NULL */
    void *watch_data;
};

static struct filter *filter_new(bool writes)
{
    struct filter *f = mem_new(1, sizeof *f);

    if (writes && isatty(STDOUT_FILENO))
        die("refusing to write tensors to a terminal; redirect, or pipe into stream-show");
    if (writes)
        f->out = writer_new(STDOUT_FILENO);
    f->pass = writer_frame;
    return f;
}

static struct filter *open_inputs(struct filter *f, int argc, char **argv, int first)
{
    static char *standard_input[] = { "-" };

    for (int i = first, n = 0; i < argc; i++)
        if (strcmp(argv[i], "-") == 0 && n++ > 0)
            cli_mistake("standard input can be read only once");
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
    p->list[p->count++] = pattern;
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
    if (!cli_reads)
        return;
    reads_begin();
    reads_tell("input", !f->inputs ? "nothing" : all ? "bytes" : "stream");
    reads_tell("output", f->out ? "stream" : "words");
    tell_patterns(&f->keep, "keep", "keep-texts");
    tell_patterns(&f->replace, "replace", "replace");
    tell_patterns(&f->files, "file", "file");
    reads_end();
}

static bool matches(const struct patterns *p, const struct frame *frame)
{
    for (int i = 0; i < p->count; i++)
        if ((frame->kind == FRAME_TEXT || (frame->kind == FRAME_TENSOR && !p->texts[i])) &&
            name_matches(p->list[i], frame->name))
            return true;
    return false;
}

static void take_frame(struct filter *f, struct reader *r, const struct frame *frame)
{
    struct error e;

    if (frame->kind == FRAME_END)
        return;
    if (f->watch)
        f->watch(frame, f->watch_data);
    if (matches(&f->keep, frame) && store_add(&f->store, frame, &e) < 0)
        die("%s: %s", reader_name(r), e.text);
    if (!f->out || cli_only || matches(&f->replace, frame))
        return;
    f->pass(f->out, frame);
}

/* A file that is appended to while it is read has no end. */
static void refuse_own_output(const char *path)
{
    struct stat in, out;
    bool is_stdin = strcmp(path, "-") == 0;

    if ((is_stdin ? fstat(STDIN_FILENO, &in) : stat(path, &in)) == 0 &&
        fstat(STDOUT_FILENO, &out) == 0 && S_ISREG(in.st_mode) &&
        in.st_dev == out.st_dev && in.st_ino == out.st_ino)
        die("%s: is input and output", is_stdin ? "<stdin>" : path);
}

static void read_input(struct filter *f, const char *path)
{
    const struct frame *frame;
    struct error e;
    struct reader *r = reader_open(path, &e);
    int got;

    if (!r)
        die("%s", e.text);
    if (f->out)
        refuse_own_output(path);
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
    for (int i = 0; i < f->input_count; i++)
        read_input(f, f->inputs[i]);
}

static const struct stored *find(struct filter *f, const char *name, const char *maker)
{
    const struct stored *s = store_find(&f->store, name);

    if (!s)
        die("no '%s' in the input: run %s first", name, maker);
    return s;
}

const struct tensor *filter_tensor(struct filter *f, const char *name, enum dtype type,
                                   int dims, const char *maker)
{
    const struct stored *s = find(f, name, maker);

    if (s->is_text)
        die("'%s' is text, expected numbers of type %s", name, dtype_name(type));
    if (s->tensor.type != type)
        die("'%s' has type %s, expected %s", name, dtype_name(s->tensor.type),
            dtype_name(type));
    if (dims && s->tensor.dims != dims)
        die("'%s' has %d dimensions, expected %d", name, s->tensor.dims, dims);
    return &s->tensor;
}

const struct tensor *filter_tensor_sized(struct filter *f, const char *name,
                                         enum dtype type, int64_t rows, int64_t columns,
                                         const char *maker)
{
    const struct tensor *t = filter_tensor(f, name, type, columns ? 2 : 1, maker);
    struct tensor want = *t;
    char found[128], expected[128];

    if (rows >= 0)
        want.shape[0] = rows;
    if (columns > 0)
        want.shape[1] = columns;
    if (memcmp(want.shape, t->shape, sizeof want.shape) != 0)
        die("'%s' has shape %s, expected %s", name,
            tensor_shape_text(t, found, sizeof found),
            tensor_shape_text(&want, expected, sizeof expected));
    return t;
}

const struct texts *filter_texts(struct filter *f, const char *name, const char *maker)
{
    const struct stored *s = find(f, name, maker);

    if (!s->is_text)
        die("'%s' is numbers, expected text", name);
    return &s->texts;
}

bool filter_has(struct filter *f, const char *name)
{
    return store_find(&f->store, name) != NULL;
}

const struct stored *filter_stored(struct filter *f, const char *name)
{
    return store_find(&f->store, name);
}

const char *filter_attr(struct filter *f, const char *name, const char *key)
{
    const struct stored *s = store_find(&f->store, name);

    return s ? stored_attr(s, key) : NULL;
}

const char *filter_kept_name(struct filter *f, int i)
{
    return i < f->store.count ? f->store.items[i].name : NULL;
}

bool filter_kept_is_text(struct filter *f, int i)
{
    return i < f->store.count && f->store.items[i].is_text;
}

#define OPTIONS_MAX 96

struct option_list {
    struct attr items[OPTIONS_MAX + 1];
    int count;
};

static void add_option(const char *name, const char *value, void *data)
{
    struct option_list *list = data;

    if (list->count < OPTIONS_MAX)
        list->items[list->count++] =
            (struct attr){ mem_string(name), mem_string(value) };
}

static void write_head(struct filter *f)
{
    struct option_list options = { .count = 0 };
    char seed[32];

    if (f->head_written)
        return;
    f->head_written = true;
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)cli_seed);
    cli_each_option(add_option, &options);
    writer_head(f->out, program_name, MILLRACE_VERSION, cli_has_seed() ? seed : NULL,
                options.items);
    for (int i = 0; i < options.count; i++) {
        free((char *)options.items[i].key);
        free((char *)options.items[i].value);
    }
}

void filter_put_group(struct filter *f, const struct series_out *group, int count)
{
    struct error e;

    for (int i = 0; i < count; i++)
        if (series_check(&group[i], &e) < 0)
            die("%s", e.text);
    write_head(f);
    writer_group(f->out, group, count);
    filter_check_reader(f);
}

void filter_put_part(struct filter *f, const struct series_out *group, int count,
                     int64_t first, int64_t rows)
{
    write_head(f);
    writer_part(f->out, group, count, first, rows);
    filter_check_reader(f);
}

void filter_put(struct filter *f, const char *name, const struct tensor *t,
                const struct attr *attrs)
{
    filter_put_group(f, &(struct series_out){ name, t, NULL, attrs }, 1);
}

void filter_put_frame(struct filter *f, const struct frame *frame)
{
    writer_frame(f->out, frame);
}

void filter_check_reader(struct filter *f)
{
    struct pollfd out = { .fd = STDOUT_FILENO }; /* a signal: asked again next time */

    if (f->out && writer_failed(f->out))
        filter_close(f); /* says why and exits */
    if (f->out && poll(&out, 1, 0) > 0 && (out.revents & POLLERR)) {
        progress_clear();
        raise(SIGPIPE);
        die("<stdout>: %s", strerror(EPIPE)); /* where SIGPIPE is ignored */
    }
}

static int by_name(const void *a, const void *b)
{
    const struct stored *const *x = a, *const *y = b;

    return strcmp((*x)->name, (*y)->name);
}

static void digest_stored(XXH3_state_t *state, const struct stored *s)
{
    XXH3_64bits_update(state, s->name, strlen(s->name) + 1);
    if (s->is_text && s->texts.count > 0)
        XXH3_64bits_update(state, s->texts.bytes, s->texts.offset[s->texts.count]);
    if (!s->is_text) {
        uint64_t d = tensor_digest(&s->tensor);

        XXH3_64bits_update(state, &d, sizeof d);
    }
}

uint64_t filter_digest(struct filter *f)
{
    const struct stored **order = mem_new((size_t)f->store.count, sizeof *order);
    XXH3_state_t *state = XXH3_createState();
    uint64_t digest;

    for (int i = 0; i < f->store.count; i++)
        order[i] = &f->store.items[i];
    qsort(order, (size_t)f->store.count, sizeof *order, by_name);
    XXH3_64bits_reset(state);
    for (int i = 0; i < f->store.count; i++)
        digest_stored(state, order[i]);
    digest = XXH3_64bits_digest(state);
    XXH3_freeState(state);
    free(order);
    return digest;
}

void filter_close(struct filter *f)
{
    int error = 0;

    if (f->out) {
        write_head(f);
        error = writer_close(f->out);
    }
    if (error)
        die("<stdout>: %s", strerror(error));
    channel_finish_stdout();
    store_free(&f->store);
    free(f);
}
