/* The kinds of faults: each tries a subject with its faults and counts the results. */
#ifndef FAULTS_KINDS_H
#define FAULTS_KINDS_H

#include "subject.h"

/* What came of the faults of one kind. */
struct tally {
    long same, error, pipe, bad;
};

extern long faults_most;         /* that are tried of a kind, 0: all */
extern struct tally *faults_now; /* of the kind and subject being tried */

/* Tries it and counts the result. */
void faults_try(struct subject *s, const struct fault *f);

/* The i-th of the places 0..n-1 that are tried, at most that many and -n, or -1 past
 * the last. */
long faults_place_of(long i, long n, long at_most);
long faults_place(long i, long n);

/* Does it start slowly? */
bool subject_is_heavy(const struct subject *s);

/* Of the input (kinds_input.c): its bytes, its frames, who writes it. */
void kind_flip(struct subject *s, const char *kind);
void kind_cut(struct subject *s, const char *kind);
void kind_upstream_killed(struct subject *s, const char *kind);
void kind_upstream_fails(struct subject *s, const char *kind);
void kind_reorder(struct subject *s, const char *kind);
void kind_concatenate(struct subject *s, const char *kind);
void kind_other_cuts(struct subject *s, const char *kind);
void kind_unknown_keys(struct subject *s, const char *kind);
void kind_newer_format(struct subject *s, const char *kind);

/* Around the program (kinds_call.c): its reader, its calls, its time and threads. */
void kind_downstream_gone(struct subject *s, const char *kind);
void kind_short_calls(struct subject *s, const char *kind);
void kind_eintr(struct subject *s, const char *kind);
void kind_enospc(struct subject *s, const char *kind);
void kind_eio(struct subject *s, const char *kind);
void kind_timing(struct subject *s, const char *kind);
void kind_threads(struct subject *s, const char *kind);

#endif
