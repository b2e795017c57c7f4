/* Runs a filter once for each different program, options and inputs, and afterwards
 * gives its output from disk. */
#include "cli/cli.h"
#include "memo/child.h"
#include "memo/entry.h"
#include "memo/explain.h"
#include "memo/hold.h"
#include "memo/inputs.h"
#include "memo/manage.h"
#include "memo/output.h"
#include "memo/plan.h"
#include "stream/filter.h"
#include "stream/names.h"
#include "util/channel.h"
#include "util/clock.h"
#include "util/file.h"
#include "util/mem.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE (1 << 18)

#define NOT_KEPT "%s: not kept: %s" /* the filter, why */

enum { WAIT_MILLISECONDS = 20 };

static bool explaining = false, list = false, size = false, verify = false;
static const char *prune = NULL;

static const struct opt options[] = {
    { OPT_FLAG, 0, "explain", &explaining,
      "say why the output is or is not in the cache; run nothing" },
    { OPT_FLAG, 0, "list", &list, "list the outputs in the cache, the last used first" },
    { OPT_FLAG, 0, "size", &size, "say where the cache is and how large" },
    { OPT_STRING, 0, "prune", &prune,
      "remove the outputs unused longest until the cache has this size: 10G, 500M, 0" },
    { OPT_FLAG, 0, "verify", &verify,
      "compare every output in the cache with its checksum" },
    { .type = OPT_END },
};

static const struct cli cli = {
    .summary = "run a filter once, and give its output from disk afterwards",
    .usage = "FILTER [ARGUMENT...]",
    .example = "memo sbert-encode -m MiniLM data.mr > text.mr",
    .options = options,
    .flags = CLI_COMMAND,
    .footer = "The output depends on the program, its options, the files that it reads\n"
              "and those tensors of its input that it reads.  Where all of these are\n"
              "known, the program is not run again.  The folder is MILLRACE_CACHE,\n"
              "else millrace in XDG_CACHE_HOME or ~/.cache.",
};

/* A command on its way. */
struct job {
    struct cache cache;
    struct plan plan;
    struct filter *f;       /* its streams; NULL: it reads none */
    struct inputs *inputs;  /* what counts of them */
    struct hold spool;      /* the same, for the child; HOLD_NOTHING: it reads nothing */
    struct writer *spooled; /* frames on their way there */
    char key[SUM_TEXT];
};

static bool matches(const struct word_list *patterns, const char *name)
{
    for (char **p = patterns->list; p && *p; p++)
        if (name_matches(*p, name))
            return true;
    return false;
}

/* Looks at a frame that passes by. */
static void take_frame(const struct frame *frame, void *data)
{
    struct job *j = data;
    bool text = frame->kind == FRAME_TEXT, tensor = frame->kind == FRAME_TENSOR;

    if (!((text || tensor) && matches(&j->plan.keep, frame->name)) &&
        !(text && matches(&j->plan.keep_texts, frame->name)))
        return;
    inputs_add(j->inputs, frame);
    if (j->spooled)
        writer_frame(j->spooled, frame);
}

static int take_spooled(void *spool, const void *p, size_t n)
{
    hold_write(spool, p, n);
    return 0;
}

/* Forwards streams as the filter would, and spools what it would keep. */
static void read_streams(struct job *j)
{
    const struct word_list *operands = &j->plan.operands;
    int count = operands->n > 0 ? operands->n - 1 : 0;
    bool forward = j->plan.writes_stream && !j->plan.only && !explaining;

    j->f = (forward ? filter_open : filter_open_reading)(count, operands->list, 0);
    for (char **p = j->plan.replace.list; p && *p; p++)
        filter_replace(j->f, *p);
    filter_watch_with(j->f, take_frame, j);
    if (!explaining) {
        hold_open(&j->spool, &j->cache);
        j->spooled = writer_new_taken(take_spooled, &j->spool);
        writer_head(j->spooled, filter_name, MILLRACE_VERSION, NULL, NULL);
    }
    filter_read(j->f);
    inputs_tell(j->inputs, &j->plan.parts);
    if (j->spooled)
        writer_close(j->spooled);
}

/* All of standard input counts. */
static void read_bytes(struct job *j)
{
    char *piece = mem_new(PIECE, 1), digest[SUM_TEXT];
    struct sum *all = sum_new();
    ssize_t n;

    if (!explaining)
        hold_open(&j->spool, &j->cache);
    while ((n = read(STDIN_FILENO, piece, PIECE)) != 0) {
        if (n < 0 && errno != EINTR)
            die("<stdin>: %s", strerror(errno));
        if (n > 0 && !explaining)
            hold_write(&j->spool, piece, (size_t)n);
        sum_add(all, piece, n > 0 ? (size_t)n : 0);
    }
    sum_text(all, digest);
    parts_add(&j->plan.parts, "input", "<stdin>", digest);
    sum_free(all);
    free(piece);
}

static void read_input(struct job *j)
{
    if (j->plan.input == PLAN_STREAM)
        read_streams(j);
    else if (j->plan.input == PLAN_BYTES)
        read_bytes(j);
    parts_end(&j->plan.parts, j->key);
}

static void put_output(struct job *j, const struct entry *t)
{
    if (j->f && j->plan.writes_stream && !j->plan.only)
        output_frames(j->f, t);
    else
        output_bytes(t);
}

/* The command as it was typed, and how long it took. */
static char *notes_of(const struct job *j, char **words, double seconds)
{
    char *command = mem_string(j->plan.name), *longer, took[32], key[SUM_TEXT], *text;
    struct parts notes;

    for (int i = 1; words[i]; i++) {
        longer = mem_format("%s %s", command, words[i]);
        free(command);
        command = longer;
    }
    snprintf(took, sizeof took, "%.1f", seconds);
    parts_begin(&notes);
    parts_add(&notes, "note", "command", command);
    parts_add(&notes, "note", "seconds", took);
    parts_end(&notes, key);
    text = mem_string(notes.text);
    parts_free(&notes);
    free(command);
    return text;
}

/* Keeps the output under the job's key, where that is possible. */
static void keep_output(const struct job *j, struct hold *out, char **words, double took)
{
    char *notes = notes_of(j, words, took);
    struct error e;

    if (out->why.text[0])
        warn(NOT_KEPT, j->plan.name, out->why.text);
    else if (!plan_holds(&j->plan, &j->cache))
        warn("%s: a file that it reads has changed meanwhile: not kept", j->plan.name);
    else if (entry_make(&j->cache, &out->file, j->key, j->plan.parts.text, notes,
                        &e) < 0)
        warn(NOT_KEPT, j->plan.name, e.text);
    free(notes);
}

/* Runs the command, with the lock held. */
static void compute(struct job *j, char **words)
{
    double start = clock_seconds();
    int in = j->spool.file.fd, status;
    struct entry made;
    struct hold out;
    bool told;

    hold_open(&out, &j->cache);
    told = out.why.text[0];
    if (told) /* while there is still time to do something about it */
        warn(NOT_KEPT, j->plan.name, out.why.text);
    if (in >= 0 && lseek(in, 0, SEEK_SET) < 0)
        die("%s: %s", j->cache.path, strerror(errno));
    status = child_run(j->plan.program, j->plan.command.list, in, &out);
    if (status != 0)
        exit(status);
    if (!told)
        keep_output(j, &out, words, clock_seconds() - start);
    cache_unlock(&j->cache, j->key);
    made = (struct entry){ .fd = out.file.fd, .size = out.size };
    put_output(j, &made);
    hold_close(&out);
}

/* Gives the output from the cache: false where it is not there, or damaged, which is
 * said by who holds the lock. */
static bool replay(struct job *j, bool locked)
{
    struct entry t;
    struct error e;
    int got = entry_open(&t, &j->cache, j->key, &e);

    if (got == 1 && entry_verify(&t, &e) < 0) {
        entry_close(&t);
        got = fail_in(&e, "%s/%s", j->cache.entries, j->key);
    }
    if (got < 0 && locked)
        warn("%s; computing it again", e.text);
    if (got != 1)
        return false;
    say("%s: from the cache", j->plan.name);
    entry_touch(&t);
    if (locked)
        cache_unlock(&j->cache, j->key);
    put_output(j, &t);
    entry_close(&t);
    return true;
}

/* Whoever has the lock computes; the others wait for its entry, or for the lock where
 * it fails. */
static void run(struct job *j, char **words)
{
    bool waiting = false;

    while (!replay(j, false)) {
        if (cache_try_lock(&j->cache, j->key)) {
            if (!replay(j, true)) /* made a moment ago? */
                compute(j, words);
            return;
        }
        if (!waiting)
            say("%s: waiting for another run of the same", j->plan.name);
        waiting = true;
        child_check_reader();
        poll(NULL, 0, WAIT_MILLISECONDS);
    }
}

static int look_after(struct job *j, int words)
{
    int64_t limit = prune ? manage_bytes(prune) : 0;

    if (words > 0 || list + size + verify + (prune != NULL) > 1)
        cli_mistake("one of --list, --size, --prune and --verify, by itself");
    if (limit < 0)
        cli_mistake("--prune: '%s' is no size such as 10G, 500M or 0", prune);
    if (j->cache.unwritable.text[0] && (prune || !file_is_folder(j->cache.entries)))
        die("%s", j->cache.unwritable.text);
    if (prune)
        manage_prune(stdout, &j->cache, limit);
    if (list)
        manage_list(stdout, &j->cache);
    if (size)
        manage_size(stdout, &j->cache);
    if (verify && manage_verify(stdout, &j->cache) > 0)
        return STATUS_FAILED;
    return STATUS_DONE;
}

static void do_command(struct job *j, char **words)
{
    plan_make(&j->plan, &j->cache, words);
    quiet |= j->plan.quiet;
    if (j->plan.writes_stream && !explaining && isatty(STDOUT_FILENO))
        die("refusing to write tensors to a terminal; redirect, or pipe into "
            "stream-show");
    read_input(j);
    if (explaining && j->cache.unwritable.text[0])
        warn("nothing can be kept: %s", j->cache.unwritable.text);
    if (explaining)
        explain(stdout, &j->cache, j->key, &j->plan.parts);
    else
        run(j, words);
}

int main(int argc, char **argv)
{
    int first = cli_parse(argc, argv, &cli), status = STATUS_DONE;
    bool command = !list && !size && !verify && !prune;
    struct job j = { .inputs = inputs_new(), .spool = HOLD_NOTHING };
    struct error e;

    if (cli_reads || (command && first == argc))
        cli_mistake("which filter?");
    if (cache_open(&j.cache, &e) < 0)
        die("%s", e.text);
    if (!channel_writable(STDOUT_FILENO))
        die("<stdout>: is closed, or not open for writing");
    if (command)
        do_command(&j, argv + first);
    else
        status = look_after(&j, argc - first);
    if (!command || explaining)
        channel_finish_stdout();
    hold_close(&j.spool);
    plan_free(&j.plan);
    inputs_free(j.inputs);
    cache_close(&j.cache);
    return status;
}
