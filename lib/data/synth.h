/* Data with planted structure: items in clusters whose words stand in their titles
 * and texts, users with a taste for some clusters, each item followed by another
 * one of its cluster, popular items more often.  Every user and item is drawn from
 * its own key, so any part can be made by itself. */
#ifndef DATA_SYNTH_H
#define DATA_SYNTH_H

#include <stdint.h>

struct synth_shape {
    int users, items, clusters; /* clusters at most items */
    int least, most;            /* interactions of a user; most at most items */
    double skew;   /* the k-th item of a cluster has popularity k^-skew */
    double follow; /* probability that the next item is the last one's successor */
    uint64_t seed;
};

struct synth;

/* Returns a data set of that shape, to free with synth_free. */
struct synth *synth_new(struct synth_shape shape);
void synth_free(struct synth *s);

/* Returns the number of the user's interactions. */
int synth_length(const struct synth *s, int user);

/* Writes the user's interactions into item, time and rating (synth_length each): distinct
 * items, ascending times in seconds, ratings 1 to 5. */
void synth_user(struct synth *s, int user, int32_t *item, int64_t *time, float *rating);

/* The planted truth: returns an item's cluster, and the item that follows an item. */
int synth_cluster(const struct synth *s, int item);
int synth_successor(const struct synth *s, int item);

#define SYNTH_TEXT 256

/* Write an item's texts into text (SYNTH_TEXT), in words of the cluster; titles are
 * distinct. */
void synth_title(const struct synth *s, int item, char *text);
void synth_genre(const struct synth *s, int item, char *text);
void synth_description(const struct synth *s, int item, char *text);

#endif
