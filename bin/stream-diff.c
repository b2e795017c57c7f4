/* Compares what two streams hold, within a tolerance. */
#include "cli/cli.h"
#include "stream/names.h"
#include "stream/names_seen.h"
#include "stream/store.h"
#include "util/channel.h"
#include "util/error.h"
#include "util/half.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static double tolerance = 0;
static const char *names = NULL;

static const struct opt options[] = {
    { OPT_REAL, 't', "tolerance", &tolerance,
      "largest difference of floats, in units of the tensor's root mean square", 0, 1e9 },
    NAMES_OPTION(names, "compare"),
    { OPT_END },
};

static const struct cli cli = {
    .summary = "compare what two streams hold",
    .usage = "STREAM STREAM",
    .example = "stream-diff --tolerance 1e-4 cf.mr theirs.mr",
    .options = options,
    .footer = "Status 0 where both hold the same, within the tolerance; otherwise 1.\n"
              "Histories and cuts into chunks are not compared.",
};

static struct names_seen seen; /* in either stream */

static bool chosen(const char *name)
{
    names_seen_add(&seen, name);
    return !names || names_match(names, name);
}

static double element(const struct tensor *t, int64_t i)
{
    uint16_t half;

    if (t->type == DT_F4)
        return (double)((const float *)t->data)[i];
    memcpy(&half, (const char *)t->data + 2 * i, 2);
    return (double)half_from_f16(half);
}

/* The largest |a - b| over the root mean square of a's finite elements; infinite where
 * one is NaN or infinite and the other is not the same.  *row is where. */
static double float_distance(const struct tensor *a, const struct tensor *b, int64_t *row)
{
    int64_t n = shape_count(a->shape, a->dims), worst = 0, finite = 0;
    double squares = 0, most = 0, scale;

    for (int64_t i = 0; i < n; i++) {
        double x = element(a, i), y = element(b, i), far = fabs(x - y);

        if (x == y || (isnan(x) && isnan(y)))
            far = 0;
        else if (!isfinite(x) || !isfinite(y))
            far = INFINITY;
        if (isfinite(x)) {
            squares += x * x;
            finite++;
        }
        if (far > most) {
            most = far;
            worst = i;
        }
    }
    *row = n > 0 ? worst / (n / a->shape[0]) : 0;
    scale = finite > 0 ? sqrt(squares / (double)finite) : 0;
    return most == 0 ? 0 : scale > 0 ? most / scale : INFINITY;
}

static bool same_text(const struct texts *a, const struct texts *b, int64_t *row)
{
    for (*row = 0; *row < a->count && *row < b->count; ++*row)
        if (texts_length(a, *row) != texts_length(b, *row) ||
            strcmp(texts_at(a, *row), texts_at(b, *row)) != 0)
            return false;
    return a->count == b->count;
}

static bool same_rows(const struct tensor *a, const struct tensor *b, int64_t *row)
{
    size_t bytes = tensor_row_bytes(a);

    for (*row = 0; *row < a->shape[0]; ++*row)
        if (memcmp((char *)a->data + (size_t)*row * bytes,
                   (char *)b->data + (size_t)*row * bytes, bytes) != 0)
            return false;
    return true;
}

static bool same_attrs(const struct attr *a, const struct attr *b)
{
    for (; a->key && b->key; a++, b++)
        if (strcmp(a->key, b->key) != 0 || strcmp(a->value, b->value) != 0)
            return false;
    return !a->key && !b->key;
}

/* Prints how they differ, or that they do not; true where that is within bounds. */
static bool compare(const struct stored *a, const struct stored *b)
{
    bool floats = !a->is_text && (a->tensor.type == DT_F4 || a->tensor.type == DT_F2);
    char one[128], two[128];
    double far = 0;
    int64_t row;

    printf("%s\t", a->name);
    if (a->is_text != b->is_text || (!a->is_text && a->tensor.type != b->tensor.type))
        return printf("other types\n"), false;
    if (!a->is_text && memcmp(a->tensor.shape, b->tensor.shape, sizeof a->tensor.shape))
        return printf("shapes %s and %s\n",
                      tensor_shape_text(&a->tensor, one, sizeof one),
                      tensor_shape_text(&b->tensor, two, sizeof two)), false;
    if (floats)
        far = float_distance(&a->tensor, &b->tensor, &row);
    if (floats && far > 0)
        return printf("differs by %.2g of its root mean square, at row %lld\n", far,
                      (long long)row), far <= tolerance;
    if (!floats && !(a->is_text ? same_text(&a->texts, &b->texts, &row)
                                : same_rows(&a->tensor, &b->tensor, &row)))
        return printf("differs from row %lld\n", (long long)row), false;
    if (tolerance == 0 && !same_attrs(a->attrs, b->attrs))
        return printf("other attrs\n"), false;
    printf("same\n");
    return true;
}

int main(int argc, char **argv)
{
    int first = cli_parse(argc, argv, &cli);
    struct store a = { 0 }, b = { 0 };
    bool same = true;
    struct error e;

    if (argc - first != 2)
        cli_mistake("two streams are compared, not %d", argc - first);
    if (strcmp(argv[first], "-") == 0 && strcmp(argv[first + 1], "-") == 0)
        cli_mistake("standard input can be read only once");
    if (store_read(&a, argv[first], chosen, &e) < 0 ||
        store_read(&b, argv[first + 1], chosen, &e) < 0)
        die("%s", e.text);
    if (names_seen_check(&seen, names, &e) < 0)
        die("--name: %s", e.text);
    if (a.count + b.count == 0)
        die("nothing to compare");
    for (int i = 0; i < a.count; i++) {
        const struct stored *other = store_find(&b, a.items[i].name);

        if (!other)
            printf("%s\tonly in %s\n", a.items[i].name, argv[first]);
        same = (other && compare(&a.items[i], other)) && same;
    }
    for (int i = 0; i < b.count; i++)
        if (!store_find(&a, b.items[i].name)) {
            printf("%s\tonly in %s\n", b.items[i].name, argv[first + 1]);
            same = false;
        }
    store_free(&a);
    store_free(&b);
    channel_finish_stdout();
    return same ? STATUS_DONE : STATUS_FAILED;
}
