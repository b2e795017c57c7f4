/* Shared by synth.c and synth_text.c only. */
#ifndef DATA_SYNTH_PARTS_H
#define DATA_SYNTH_PARTS_H

#include "data/synth.h"

struct synth {
    struct synth_shape shape;
    int *item_at;  /* (items) the item at place cluster + clusters * rank */
    int *place_of; /* (items) its inverse */
    double *upto;  /* (ranks) popularity summed up to and with each rank */
    int *seen;     /* (items) 1 + the user who had the item last */
};

#endif
