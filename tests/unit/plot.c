/* What pictures are made of: principal components, figures as text and as commands. */
#include "plot/figure.h"
#include "plot/figure_gnuplot.h"
#include "plot/figure_text.h"
#include "plot/joint_map.h"
#include "plot/pca.h"
#include "util/mem.h"
#include "util/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N = 400, D = 7 };

/* Deviations 5 and 2 along two known axes, .3 elsewhere: the components are these axes,
 * and their shares the squares' ones. */
static void test_pca_finds_planted_axes(void **state)
{
    static float x[N * D], y[N * D];
    const struct pca_rows sets[] = { { x, N }, { y, N } };
    const double a[D] = { .6, 0, .8 }, b[D] = { 0, 1 };
    rng r = rng_keyed("test", 1, 0, 0);
    double along_a = 0, along_b = 0;
    struct pca p;

    (void)state;
    for (int i = 0; i < 2 * N; i++) {
        double s = 5 * rng_normal(&r), t = 2 * rng_normal(&r);
        float *row = (i < N ? x : y) + (long)(i % N) * D;

        for (int j = 0; j < D; j++)
            row[j] = (float)(3 + s * a[j] + t * b[j] + .3 * rng_normal(&r));
    }
    pca_new(&p, sets, 2, D);
    for (int j = 0; j < D; j++) {
        along_a += p.axis[0][j] * a[j];
        along_b += p.axis[1][j] * b[j];
    }
    assert_true(fabs(along_a) > .999 && fabs(along_b) > .99);
    assert_true(fabs(p.share[0] - .85) < .04 && fabs(p.share[1] - .136) < .03);
    /* the mean lies at 0, and projections have the axis' variance */
    double sum = 0, squares = 0, all = 0;
    for (int i = 0; i < N; i++)
        for (int k = 0; k < 2; k++) {
            double z = pca_along(&p, 0, (k ? y : x) + (long)i * D);

            sum += z;
            squares += z * z;
            for (int j = 0; j < D; j++) {
                double off = (double)(k ? y : x)[i * D + j] - p.mean[j];

                all += off * off;
            }
        }
    assert_true(fabs(sum) < 1e-6 * N && fabs(squares / all - p.share[0]) < 1e-6);
    pca_free(&p);
}

static void test_pca_of_points_without_spread(void **state)
{
    float x[] = { 1, 1, 1 };
    struct pca p;

    (void)state;
    pca_new(&p, &(struct pca_rows){ x, 3 }, 1, 1);
    assert_true(p.share[0] == 0 && p.share[1] == 0);
    assert_true(isfinite(pca_along(&p, 0, x)) && isfinite(pca_along(&p, 1, x)));
    pca_free(&p);
}

static struct figure two_series(void)
{
    struct figure f = { .title = mem_string("it's") };
    struct panel *p = figure_panel(&f, NULL, "steps", "loss\x1b[31m");
    struct series *s = figure_series(p, "one", LOOK_MARKED, 0);

    figure_point(s, 0, 0);
    figure_point(s, 10, 5);
    s = figure_series(p, "two", LOOK_POINTS, 1);
    figure_interval(s, 5, 5, 4, 6);
    return f;
}

static char *as_text(const struct figure *f, int width)
{
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    figure_text(out, f, width);
    fclose(out);
    return text;
}

static void test_text_has_marks_at_their_places(void **state)
{
    struct figure f = two_series();
    char *text = as_text(&f, 40), *line, *rest = text;
    int rows = 0;

    (void)state;
    assert_null(strchr(text, 27)); /* names draw nothing on a terminal */
    assert_non_null(strstr(text, "o one   x two"));
    while ((line = strsep(&rest, "\n")) && !strchr(line, '|')) /* title, y's name */
        continue;
    for (; line && strchr(line, '|'); line = strsep(&rest, "\n"), rows++) {
        char *cells = strchr(line, '|') + 1;

        assert_int_equal(strlen(cells), 40 - 11);
        if (rows == 0) /* the interval's end, 6, is above both marks */
            assert_null(strpbrk(cells, "ox"));
        if (rows == 3) { /* 5 of 0 to 6: the row of 1/6 from above */
            assert_int_equal(cells[14], 'x');
            assert_int_equal(cells[28], 'o');
        }
        if (rows == 17)
            assert_int_equal(cells[0], 'o');
    }
    assert_int_equal(rows, 18);
    free(text);
    figure_free(&f);
}

static void test_text_bars(void **state)
{
    struct figure f = { 0 };
    struct panel *p = figure_panel(&f, "bars", NULL, NULL);
    struct series *s;
    char *text;

    (void)state;
    p->y_zero = true;
    figure_category(p, "hr@1");
    s = figure_series(p, "cf", LOOK_BARS, 0);
    figure_interval(s, 0, .5, .25, 1);
    s = figure_series(p, "chance", LOOK_BARS, -1);
    figure_point(s, 0, .25);
    text = as_text(&f, 60); /* 60 - 6 - 22 = 32 for a bar of 1 */
    assert_string_equal(text, "bars\nhr@1\n"
                              "  cf     |########|#######---------------| .5000 "
                              ".2500-1.0000\n"
                              "  chance |########                         .2500\n");
    free(text);
    figure_free(&f);
}

/* Quotes end no string of gnuplot's, and control characters are gone. */
static void test_script_is_quoted(void **state)
{
    struct figure f = two_series();
    char *script;
    size_t size;
    FILE *out = open_memstream(&script, &size);

    (void)state;
    figure_gnuplot_script(out, &f, PICTURE_PNG);
    fclose(out);
    assert_non_null(strstr(script, "title 'it''s'"));
    assert_non_null(strstr(script, "set ylabel 'loss?[31m'"));
    assert_non_null(strstr(script, "\n5 5 4 6\n"));
    assert_non_null(strstr(script, "\n10 5 NaN NaN\n"));
    free(script);
    figure_free(&f);
}

/* Most frequent first labels in order, then "other"; e and q of an item joined. */
static void test_joint_map_colours(void **state)
{
    enum { ITEMS = 20 };
    float e[ITEMS * 2], q[ITEMS * 2];
    struct tensor te = tensor_view2(DT_F4, ITEMS, 2, e),
                  tq = tensor_view2(DT_F4, ITEMS, 2, q);
    struct texts column = { 0 };
    int32_t all[ITEMS];
    struct figure f = { 0 };
    struct joint_map m = { &te, &tq, &column, "item.class", " ", all, ITEMS };
    int named = 0, points = 0;
    const char *const want[] = { "other", "F", "E", "D", "C", "B", "A" };

    (void)state;
    for (int i = 0; i < ITEMS; i++) { /* A 5, B 4, C 3, D E F 2, G H 1 */
        const char *label = &"AAAAABBBBCCCDDEEFFGH"[i];
        char text[8];

        snprintf(text, sizeof text, "%c Z", *label);
        texts_add(&column, text, strlen(text));
        all[i] = i;
        e[2 * i] = (float)i;
        e[2 * i + 1] = (float)(i % 3);
        q[2 * i] = (float)i + .5f;
        q[2 * i + 1] = 0;
    }
    joint_map_draw(&f, &m);
    assert_int_equal(f.panel[0].series[0].look, LOOK_SEGMENTS);
    assert_int_equal(f.panel[0].series[0].count, 2 * ITEMS);
    for (int i = 1; i < f.panel[0].count; i++) {
        const struct series *s = &f.panel[0].series[i];

        points += s->count;
        if (s->name) {
            assert_string_equal(s->name, want[named]);
            assert_int_equal(s->colour, named ? 6 - named : -1);
            named++;
        }
    }
    assert_int_equal(named, 7);
    assert_int_equal(points, 2 * ITEMS);
    figure_free(&f);
    texts_free(&column);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pca_finds_planted_axes),
        cmocka_unit_test(test_pca_of_points_without_spread),
        cmocka_unit_test(test_text_has_marks_at_their_places),
        cmocka_unit_test(test_text_bars),
        cmocka_unit_test(test_script_is_quoted),
        cmocka_unit_test(test_joint_map_colours),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
