/* Runs one program with faults around it. */
#ifndef FAULTS_PROCESS_H
#define FAULTS_PROCESS_H

#include "bytes.h"

/* Where its standard input comes from: a file with the bytes, or a process that
 * writes them into a pipe. */
enum feed {
    FEED_FILE,
    FEED_KILLED,  /* writes feed_bytes of them and is killed */
    FEED_FAILS,   /* writes all and exits with status 3 */
    FEED_SLOW,    /* in a few pieces, with pauses */
    FEED_DRIBBLE, /* byte by byte */
};

/* Where its standard output goes. */
enum sink {
    SINK_FILE,
    SINK_PIPE, /* read to its end */
    SINK_GONE, /* a pipe that is closed after sink_bytes */
    SINK_FULL, /* /dev/full */
};

struct job {
    char **argv;
    const struct bytes *in; /* NULL: /dev/null */
    enum feed feed;
    size_t feed_bytes;
    enum sink sink;
    size_t sink_bytes;
    const char *fault; /* the shim's FAULT, NULL: no shim */
    bool ignore_sigpipe;
};

struct outcome {
    int status, signal; /* signal 0: it exited */
    bool hung;          /* and was killed for it */
    struct bytes out, err;
};

/* Path of the shim, and how long a program may take. */
extern const char *process_shim;
extern int process_seconds;

struct outcome process_run(const struct job *j);
void outcome_free(struct outcome *o);

#endif
