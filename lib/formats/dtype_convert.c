#include "formats/dtype_convert.h"

#include "util/half.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { NO_TYPE = -1 };

/* What each foreign type becomes. */
static const struct {
    char kind;
    int size, type;
} types[] = {
    { 'f', 4, DT_F4 }, { 'f', 2, DT_F2 }, { 'i', 1, DT_I1 }, { 'i', 4, DT_I4 },
    { 'i', 8, DT_I8 }, { 'u', 1, DT_U1 }, { 'b', 1, DT_U1 }, { 'f', 8, DT_F4 },
    { 'B', 2, DT_F4 }, { 'i', 2, DT_I4 }, { 'u', 2, DT_I4 }, { 'u', 4, DT_I8 },
};

static int type_of(const struct foreign *f, bool all_f4)
{
    if (all_f4 && f->kind == 'f' && f->size == 2)
        return DT_F4;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i].kind == f->kind && types[i].size == f->size)
            return types[i].type;
    return NO_TYPE;
}

static float float_at(const struct foreign *f, int64_t i)
{
    const char *p = (const char *)f->data + i * f->size;
    uint16_t half;
    double d;

    if (f->size == 8) {
        memcpy(&d, p, sizeof d);
        return (float)d; /* in range: check_range */
    }
    memcpy(&half, p, sizeof half);
    return f->kind == 'f' ? half_from_f16(half) : half_from_bf16(half);
}

static int64_t integer_at(const struct foreign *f, int64_t i)
{
    const char *p = (const char *)f->data + i * f->size;
    uint32_t wide;
    uint16_t half;

    if (f->size == 4) {
        memcpy(&wide, p, sizeof wide);
        return wide;
    }
    memcpy(&half, p, sizeof half);
    return f->kind == 'i' ? (int16_t)half : (int64_t)half;
}

bool dtype_convert_fits(double x)
{
    return !isfinite(x) || isfinite((float)x);
}

/* float64 (count numbers): what is finite stays so. */
static int check_range(const struct foreign *f, int64_t count, struct error *e)
{
    double d;

    for (int64_t i = 0; i < count; i++) {
        memcpy(&d, (const char *)f->data + i * f->size, sizeof d);
        if (!dtype_convert_fits(d))
            return fail(e, "element %lld is %g, beyond the range of 32-bit floats (%g)",
                        (long long)i, d, (double)FLT_MAX);
    }
    return 0;
}

int dtype_convert_take(struct tensor *t, bool *owned, const struct foreign *from,
                       bool all_f4, struct error *e)
{
    int type = type_of(from, all_f4);
    int64_t count = shape_count(from->shape, from->dims);

    if (type == NO_TYPE)
        return fail(e, "type %c%d is none that a stream can hold", from->kind,
                    from->size);
    if (dtype_convert_narrows(from) && check_range(from, count, e) != 0)
        return -1;
    *t = (struct tensor){ .type = (enum dtype)type, .dims = from->dims ? from->dims : 1 };
    memcpy(t->shape, from->shape, (size_t)from->dims * sizeof *t->shape);
    if (from->dims == 0)
        t->shape[0] = 1;
    *owned = (size_t)from->size != dtype_size(t->type) || from->kind == 'B';
    if (!*owned) {
        t->data = (void *)from->data;
        return 0;
    }
    *t = tensor_new(t->type, t->dims, t->shape);
    for (int64_t i = 0; i < count; i++) {
        if (type == DT_F4)
            ((float *)t->data)[i] = float_at(from, i);
        else if (type == DT_I4)
            ((int32_t *)t->data)[i] = (int32_t)integer_at(from, i);
        else
            ((int64_t *)t->data)[i] = integer_at(from, i);
    }
    return 0;
}

bool dtype_convert_narrows(const struct foreign *from)
{
    return from->kind == 'f' && from->size == 8;
}
