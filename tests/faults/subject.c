#include "subject.h"

#include "cache.h"
#include "mangle.h"
#include "util/error.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/scratch.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *trimmed(char *s)
{
    s += strspn(s, " ");
    for (size_t n = strlen(s); n > 0 && (s[n - 1] == ' ' || s[n - 1] == '\n'); n--)
        s[n - 1] = 0;
    return s;
}

static int cut_words(char **list, int max, char *text)
{
    int n = 0;

    for (char *word; (word = strsep(&text, " ")) && n < max;)
        if (*word)
            list[n++] = word;
    list[n] = NULL;
    return n;
}

static int count_lines(const struct bytes *b)
{
    int n = 0;

    for (size_t i = 0; i < b->n; i++)
        n += b->p[i] == '\n';
    return n;
}

/* Is there a file in the folder that no program has given its name yet?  Removed where
 * that is asked for. */
static bool temporary_left(bool remove)
{
    DIR *d = opendir(".");
    struct dirent *entry;
    bool any = false;

    while (d && (entry = readdir(d)))
        if (strncmp(entry->d_name, SCRATCH_PREFIX, strlen(SCRATCH_PREFIX)) == 0) {
            any = true;
            if (remove)
                unlink(entry->d_name);
        }
    if (d)
        closedir(d);
    return any;
}

static void remove_files(const struct subject *s)
{
    for (int i = 0; s->files[i]; i++)
        unlink(s->files[i]);
    temporary_left(true);
}

void subject_open(struct subject *s, char *line)
{
    struct job job = { 0 };
    struct outcome o;

    *s = (struct subject){ .label = trimmed(strsep(&line, "|")) };
    s->input = line ? trimmed(strsep(&line, "|")) : NULL;
    cut_words(s->files, FILES_MAX, line ? trimmed(strsep(&line, "|")) : mem_string(""));
    if (!line)
        die("'%s': expected LABEL | INPUT | FILES | COMMAND", s->label);
    s->command = mem_string(trimmed(line));
    cut_words(s->argv, WORDS_MAX, trimmed(line));
    s->stops_early = strstr(s->command, " --head ") != NULL;
    s->cached = strcmp(s->argv[0], "memo") == 0;
    s->hit = s->cached && strstr(s->label, ", hit") != NULL;
    s->reads = strcmp(s->input, "-") != 0;
    if (s->reads && !bytes_read(&s->in, s->input))
        die("%s: not there", s->input);
    remove_files(s);
    cache_prepare(s, false);
    job.argv = s->argv;
    job.in = s->reads ? &s->in : NULL;
    o = process_run(&job);
    if (o.status != 0 || o.signal != 0)
        die("%s: undisturbed: status %d, signal %d: %.*s", s->label, o.status, o.signal,
            (int)o.err.n, (char *)o.err.p);
    for (int i = 0; s->files[i]; i++)
        if (!bytes_read(&s->content[i], s->files[i]))
            die("%s: undisturbed: there is no %s", s->label, s->files[i]);
    s->lines = count_lines(&o.err);
    s->out = o.out;
    s->streams = s->out.n > 11 && memcmp(s->out.p, "\x96\xd9\x08millrace", 11) == 0;
    bytes_free(&o.err);
}

void subject_close(struct subject *s)
{
    remove_files(s);
    free(s->command);
    bytes_free(&s->in);
    bytes_free(&s->out);
    for (int i = 0; i < FILES_MAX; i++)
        bytes_free(&s->content[i]);
}

/* Files are there as they would have been without the fault, or not at all, and
 * nothing temporary stays. */
static const char *check_files(const struct subject *s, bool must)
{
    for (int i = 0; s->files[i]; i++) {
        struct bytes b;
        bool same;

        if (!bytes_read(&b, s->files[i])) {
            if (must)
                return "its file is missing";
            continue;
        }
        same = bytes_equal(&b, &s->content[i]);
        bytes_free(&b);
        if (!same)
            return "its file has other bytes";
    }
    return temporary_left(false) ? "a temporary file stays" : NULL;
}

/* Does the line begin with the program's name and a colon? */
static bool is_of(const char *program, const unsigned char *line, size_t n)
{
    size_t name = strlen(program);

    return n > name + 1 && memcmp(line, program, name) == 0 && line[name] == ':';
}

/* The last line on stderr is the error's and begins with the program's name.  memo may
 * also be unable to keep the answer, and its filter says itself why it failed; an answer
 * that memo cannot read it has computed again, and its filter speaks. */
static const char *check_words(const struct subject *s, const struct fault *f,
                               const struct outcome *o)
{
    size_t at = o->err.n;

    if (count_lines(&o->err) > s->lines + 1 + s->cached + s->hit)
        return "more than one line";
    if (o->err.n == 0 || o->err.p[o->err.n - 1] != '\n')
        return "no line";
    for (at--; at > 0 && o->err.p[at - 1] != '\n'; at--)
        ;
    if (!is_of(s->argv[0], o->err.p + at, o->err.n - at) &&
        !(s->cached && is_of(s->argv[1], o->err.p + at, o->err.n - at)))
        return "a line without the program's name";
    if (f->says && !memmem(o->err.p + at, o->err.n - at, f->says, strlen(f->says)))
        return "a line that does not say why";
    return NULL;
}

/* What a failed program has written does not pass for an answer, unless it is the
 * answer: where closing failed. */
static const char *check_rest(const struct subject *s, const struct fault *f,
                              const struct outcome *o)
{
    if (f->job.sink == SINK_GONE || f->job.sink == SINK_FULL || o->out.n == 0 ||
        (f->job.fault && bytes_equal(&o->out, &s->out)))
        return NULL;
    if (s->streams)
        return stream_whole(&o->out) ? "its output is a whole stream" : NULL;
    return o->out.n < s->out.n && memcmp(o->out.p, s->out.p, o->out.n) == 0
               ? NULL
               : "its output is no beginning of the answer";
}

static enum result judge(const struct subject *s, const struct fault *f,
                         const struct outcome *o, const char **why)
{
    const struct bytes *in = f->job.in ? f->job.in : &s->in;
    bool gone = f->job.sink == SINK_GONE || f->job.sink == SINK_FULL;

    *why = NULL;
    if (o->hung)
        *why = "hangs";
    else if (o->signal == SIGPIPE)
        *why = count_lines(&o->err) > s->lines ? "words about a closed pipe" : NULL;
    else if (o->signal)
        *why = "crashed";
    else if (o->status == 0 && !gone &&
             !(f->answer ? f->answer(s, in, &o->out) : bytes_equal(&o->out, &s->out)))
        *why = "another answer and status 0";
    else if (o->status > 1)
        *why = "a status other than 0 and 1";
    else if (o->status == 1)
        *why = check_words(s, f, o);
    else if ((f->allowed & FROM_CACHE) &&
             !memmem(o->err.p, o->err.n, ": from the cache", 16))
        *why = "is computed again";
    if (!*why && o->status == 1)
        *why = check_rest(s, f, o);
    if (!*why && !o->signal)
        *why = check_files(s, o->status == 0);
    if (!*why)
        *why = cache_check(s, f->job.fault != NULL);
    return *why ? BAD : o->signal ? PIPE : o->status == 0 ? SAME : ERROR;
}

/* What repeats it, with its input kept. */
static void report(const struct subject *s, const struct fault *f,
                   const struct outcome *o, const char *why)
{
    static int kept;
    const struct bytes *in = f->job.in ? f->job.in : &s->in;
    char *path = mem_format("failed-%ld-%d.in", (long)getpid(), ++kept);

    printf("not right: %s, %s: %s (status %d, signal %d)\n", s->label, f->kind, why,
           o->status, o->signal);
    if (o->err.n > 0)
        printf("    it says: %.*s", o->err.n > 1000 ? 1000 : (int)o->err.n,
               (char *)o->err.p);
    bytes_write(in, path);
    printf("    again: cd %s; ", getcwd((char[4096]){ 0 }, 4096));
    if (s->cached)
        printf("rm -rf %s; export MILLRACE_CACHE=%s; ", CACHE_FOLDER, CACHE_FOLDER);
    if (s->hit)
        printf("%s%s %s < %s > out; ", f->job.fault ? "LD_PRELOAD=" : "",
               f->job.fault ? process_shim : "", s->command, s->input);
    if (f->job.fault)
        printf("FAULT=%s LD_PRELOAD=%s ", f->job.fault, process_shim);
    printf("%s < %s%s\n", s->command, s->reads ? path : "/dev/null",
           f->job.sink == SINK_FULL   ? " > /dev/full"
           : f->job.sink == SINK_GONE ? " | true"
                                      : " > out");
    fflush(stdout);
    free(path);
}

enum result subject_try(struct subject *s, const struct fault *f)
{
    struct job job = f->job;
    struct outcome o;
    enum result r;
    const char *why;

    if (!job.argv)
        job.argv = s->argv;
    if (!job.in && s->reads)
        job.in = &s->in;
    remove_files(s);
    cache_prepare(s, job.fault != NULL);
    o = process_run(&job);
    r = judge(s, f, &o, &why);
    if (r != BAD && !(r & f->allowed) && !(r == SAME && s->stops_early)) {
        why = r == SAME    ? "goes unnoticed"
              : r == ERROR ? "is an error"
                           : "is killed by SIGPIPE";
        r = BAD;
    }
    if (r == BAD)
        report(s, f, &o, why);
    outcome_free(&o);
    return r;
}
