/* memo's cache around a run of it. */
#ifndef FAULTS_CACHE_H
#define FAULTS_CACHE_H

#include "subject.h"

#define CACHE_FOLDER "cache" /* below the current folder; MILLRACE_CACHE says so */

/* Where the subject is memo: an empty cache, or one that has the answer; for a run with
 * the shim or without it, which is a library and counts. */
void cache_prepare(const struct subject *s, bool shim);

/* Afterwards it gives the right answer without a fault, whatever the fault has left
 * there, and no file is left but those of answers and digests: NULL, or what is wrong. */
const char *cache_check(const struct subject *s, bool shim);

#endif
