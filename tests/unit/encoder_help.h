/* What tests of sentence encoders and their tokenizers share. */
#ifndef UNIT_ENCODER_HELP_H
#define UNIT_ENCODER_HELP_H

#include "temporary.h"
#include "text/tokenizer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>
#include <math.h>

/* Float against double through a few layers; outputs are of size 1, sums of 80
 * terms: 80 * 6e-8, twice. */
#define VECTOR_TOL 1e-5

/* got (rows, width) is what the reference has in its rows. */
static inline void check_rows(const float *got, const json_t *rows, int width,
                              const char *what)
{
    const json_t *row, *v;
    size_t i, j;

    json_array_foreach (rows, i, row) {
        assert_int_equal(json_array_size(row), width);
        json_array_foreach (row, j, v) {
            double want = json_number_value(v), x = (double)got[i * (size_t)width + j];

            if (!(fabs(x - want) <= VECTOR_TOL * (1 + fabs(want))))
                fail_msg("%s: text %zu: vector[%zu] is %.7f, expected %.7f", what, i, j,
                         x, want);
        }
    }
}

/* The tokens of the text are those that the reference wants; list is room for them. */
static inline void check_token_ids(const tokenizer *t, struct token_list *list,
                                   const json_t *text, const json_t *want,
                                   const char *what)
{
    const char *bytes = json_string_value(text);
    const json_t *id;
    size_t j;
    long n;

    list->n = 0;
    n = tokenizer_encode(t, bytes, json_string_length(text), 0, list);
    assert_int_equal(n, list->n);
    if (n != (long)json_array_size(want))
        fail_msg("%s: '%s': %ld tokens, expected %zu", what, bytes, n,
                 json_array_size(want));
    json_array_foreach (want, j, id)
        if (list->id[j] != json_integer_value(id))
            fail_msg("%s: '%s': token %zu is %d, expected %d", what, bytes, j,
                     list->id[j], (int)json_integer_value(id));
}

#endif
