/* What a filter writes: its head, its tensors, the end. */
#include "stream/filter_parts.h"

#include "cli/cli.h"
#include "stream/finite.h"
#include "util/channel.h"
#include "util/mem.h"
#include "util/progress.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
    writer_head(f->out, filter_name, MILLRACE_VERSION, cli_has_seed() ? seed : NULL,
                options.items);
    for (int i = 0; i < options.count; i++) {
        free((char *)options.items[i].key);
        free((char *)options.items[i].value);
    }
}

static int64_t rows_of(const struct series_out *s)
{
    return s->texts ? s->texts->count : tensor_rows(s->tensor);
}

/* What is made of finite numbers can still have grown beyond all of them. */
static void check_finite(const struct filter *f, const struct series_out *group,
                         int count)
{
    struct error e;

    for (int i = 0; !f->any_numbers && i < count; i++)
        if (group[i].tensor && finite_check(group[i].name, group[i].tensor, &e) < 0)
            die("%s: not written", e.text);
}

void filter_put_group(struct filter *f, const struct series_out *group, int count)
{
    struct series_out *out;
    struct error e;

    check_finite(f, group, count);
    if (!f->out)
        return; /* rank 0 writes */
    for (int i = 0; f->numbering && i < count; i++)
        numbering_write(f->numbering, group[i].name, group[i].texts, group[i].tensor);
    out = filter_numbered(f, group, count, count > 0 ? rows_of(&group[0]) : 0);
    for (int i = 0; i < count; i++)
        if (writer_check_series(&out[i], &e) < 0)
            die("%s", e.text);
    write_head(f);
    writer_group(f->out, out, count);
    filter_numbered_free(out, group, count);
    filter_check_reader(f);
}

void filter_put_part(struct filter *f, const struct series_out *group, int count,
                     int64_t first, int64_t rows)
{
    struct series_out *out = filter_numbered(f, group, count, rows);

    check_finite(f, group, count);
    write_head(f);
    writer_part(f->out, out, count, first, rows);
    filter_numbered_free(out, group, count);
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
    if (f->out && !f->file.f && poll(&out, 1, 0) > 0 && (out.revents & POLLERR)) {
        progress_clear();
        raise(SIGPIPE);
        die("<stdout>: %s", strerror(EPIPE)); /* where SIGPIPE is ignored */
    }
}

static void free_patterns(struct patterns *p)
{
    while (p->count > 0)
        free(p->list[--p->count]);
}

void filter_close(struct filter *f)
{
    struct error e;
    int error = 0;

    if (f->out) {
        write_head(f);
        error = writer_close(f->out);
    }
    if (error)
        die("%s: %s", f->file.f ? cli_output : "<stdout>", strerror(error));
    if (f->file.f && file_write_commit(&f->file, &e) < 0)
        die("%s", e.text);
    channel_finish_stdout();
    numbering_free(f->numbering);
    store_free(&f->store);
    names_seen_free(&f->seen);
    names_seen_free(&f->texts_seen);
    free_patterns(&f->keep);
    free_patterns(&f->replace);
    free_patterns(&f->files);
    free(f);
}
