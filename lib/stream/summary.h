/* What is in streams: a line for each tensor and text, and their history. */
#ifndef STREAM_SUMMARY_H
#define STREAM_SUMMARY_H

#include "stream/frame.h"

#include <stdbool.h>
#include <stdio.h>

struct summary;

/* Returns a summary of no frames, to free with summary_free.  whole: the summary shows
 * every attribute in full. */
struct summary *summary_new(bool whole);
void summary_free(struct summary *s);

/* Adds a frame of the stream to s. */
void summary_add(struct summary *s, const struct frame *f);

/* Print name, type, shape, bytes and attributes of each tensor and text to out, and then
 * the filters that wrote the streams.  summary_table prints columns for people,
 * summary_tsv a header line and tabs for programs. */
void summary_table(FILE *out, const struct summary *s);
void summary_tsv(FILE *out, const struct summary *s);

#endif
