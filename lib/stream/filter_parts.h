/* What the parts of filter.c share. */
#ifndef STREAM_FILTER_PARTS_H
#define STREAM_FILTER_PARTS_H

#include "stream/filter.h"
#include "stream/store.h"

enum { PATTERNS_MAX = 32 };

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

#endif
