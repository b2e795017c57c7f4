#include "stream/finite.h"

#include "stream/names.h"

#include <inttypes.h>
#include <math.h>

static const struct {
    const char *pattern;
    enum lacking lacking;
} table[] = {
    { "inter.rating", LACKS_NUMBERS },
    { "inter.cf", LACKS_ROWS },
    { "user.cf.*", LACKS_ROWS },
    { "item.cf", LACKS_ROWS },
    { "item.joint", LACKS_ROWS },
    { "item.joint_text", LACKS_NOTHING },
    { "item.text", LACKS_NOTHING },
    { "cf.*", LACKS_NOTHING },
    { "align.*", LACKS_NOTHING },
    { "proj.*", LACKS_NOTHING },
    { "rel.*", LACKS_NOTHING },
    { "text", LACKS_NOTHING },
    { "score.*", LACKS_NUMBERS },
};

enum lacking finite_lacking(const char *name)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (name_matches(table[i].pattern, name))
            return table[i].lacking;
    return LACKS_ANY;
}

static bool row_is_right(const float *x, int64_t n, enum lacking lacking)
{
    int64_t finite = 0, nan = 0;

    for (int64_t j = 0; j < n; j++) {
        finite += isfinite(x[j]) != 0;
        nan += isnan(x[j]) != 0;
    }
    if (lacking == LACKS_NUMBERS)
        return finite + nan == n;
    return finite == n || (lacking == LACKS_ROWS && nan == n);
}

static int check(const char *name, const float *x, int64_t rows, int64_t width,
                 enum lacking lacking, struct error *e)
{
    for (int64_t i = 0; i < rows; i++)
        if (!row_is_right(x + i * width, width, lacking))
            return fail(e, "'%s' row %" PRId64 " is not finite", name, i);
    return 0;
}

int finite_check(const char *name, const struct tensor *t, struct error *e)
{
    enum lacking lacking = finite_lacking(name);
    int64_t rows = tensor_rows(t);

    if (lacking == LACKS_ANY || t->type != DT_F4 || rows == 0)
        return 0;
    return check(name, t->data, rows, (int64_t)(tensor_row_bytes(t) / sizeof(float)),
                 lacking, e);
}

int finite_check_all(const char *name, const float *x, int64_t rows, int64_t width,
                     struct error *e)
{
    return check(name, x, rows, width, LACKS_NOTHING, e);
}
