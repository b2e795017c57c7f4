/* What is in streams: a line for each tensor and text, and their history. */
#ifndef STREAM_SUMMARY_H
#define STREAM_SUMMARY_H

#include "stream/frame.h"

#include <stdbool.h>
#include <stdio.h>

struct summary;

/* whole: with all of every attribute, however long.  Free with summary_free. */
struct summary *summary_new(bool whole);
void summary_free(struct summary *s);

/* Adds a frame of the stream to s. */
void summary_add(struct summary *s, const struct frame *f);

/* Name, type, shape, bytes and attributes: columns for people, or tabs and a header
 * line for programs; then the filters that wrote the streams. */
void summary_table(FILE *out, const struct summary *s);
void summary_tsv(FILE *out, const struct summary *s);

#endif
