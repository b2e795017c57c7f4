#include "nn/params.h"

#include "util/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static long add(struct params *p, struct param t, const char *name, va_list args)
{
    t.at = p->size;
    vsnprintf(t.name, sizeof t.name, name, args);
    MEM_PUSH(p->list, p->count, p->room, t);
    p->size += (params_length(&t) + 15) / 16 * 16;
    return t.at;
}

long params_add(struct params *p, int ndim, int rows, int cols, const char *name, ...)
{
    struct param t = { .rows = rows, .cols = cols, .ndim = ndim, .last = 1 };
    va_list args;
    long at;

    va_start(args, name);
    at = add(p, t, name, args);
    va_end(args);
    return at;
}

long params_add_taps(struct params *p, int out, int in, int taps, const char *name, ...)
{
    struct param t = { .rows = out, .cols = in * taps, .ndim = 3, .last = taps };
    va_list args;
    long at;

    va_start(args, name);
    at = add(p, t, name, args);
    va_end(args);
    return at;
}

void params_allocate(struct params *p)
{
    p->values = params_arena(p);
}

void params_free(struct params *p)
{
    free(p->list);
    free(p->values);
    *p = (struct params){ 0 };
}

real *params_arena(const struct params *p)
{
    return mem_new((size_t)p->size, sizeof(real));
}

int params_find(const struct params *p, const char *name)
{
    for (int i = 0; i < p->count; i++)
        if (strcmp(p->list[i].name, name) == 0)
            return i;
    return -1;
}

long params_length(const struct param *t)
{
    return (long)t->rows * t->cols;
}

void params_merge(real *into, const real *from, long n)
{
    for (long i = 0; i < n; i++)
        into[i] += from[i];
}
