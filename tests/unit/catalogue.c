/* Whole catalogues against plain loops: ties, missing vectors, more items than a
 * block. */
#include "align/align.h"
#include "score/catalogue.h"
#include "util/mem.h"
#include "util/rng.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

enum {
    USERS = 70,
    ITEMS = 1300,
    WIDTH = 3,
    PER_USER = 6,
    ROWS = USERS * PER_USER,
    TOP = 40
};

static int32_t inter_user[ROWS], inter_item[ROWS];
static uint8_t inter_split[ROWS];
static float user_vector[USERS * WIDTH], item_vector[ITEMS * WIDTH];

/* Whole numbers, so that many scores tie and sums are exact; item 7 and user 5 have
 * no vector, and every user has had the item of the first row twice. */
static struct item_scorer set_up(struct history *h)
{
    rng r = rng_keyed("test catalogue", 1, 0, 0);
    struct error e;

    for (int i = 0; i < ROWS; i++) {
        inter_user[i] = i / PER_USER;
        inter_item[i] = (int32_t)rng_below(&r, ITEMS);
        inter_split[i] = i % PER_USER == 4 ? SPLIT_VALID
                         : i % PER_USER == 5 ? SPLIT_TEST : SPLIT_TRAIN;
        if (i % PER_USER == 1)
            inter_item[i] = inter_item[i - 1];
    }
    inter_item[5] = 7; /* the truth of user 0 */
    for (int i = 0; i < USERS * WIDTH; i++)
        user_vector[i] = i / WIDTH == 5 ? NAN : (float)rng_below(&r, 9) - 4;
    for (int i = 0; i < ITEMS * WIDTH; i++)
        item_vector[i] = i / WIDTH == 7 ? NAN : (float)rng_below(&r, 9) - 4;
    assert_int_equal(history_new(h, inter_user, inter_item, NULL, inter_split, ROWS,
                                 USERS, ITEMS, &e),
                     0);
    return (struct item_scorer){ .by = BY_CF,
                                 .items = ITEMS,
                                 .users = USERS,
                                 .width = WIDTH,
                                 .item = item_vector,
                                 .user = user_vector,
                                 .is_dot = true };
}

static double plain_score(int user, int item)
{
    double sum = 0;

    for (int j = 0; j < WIDTH; j++)
        sum += (double)user_vector[user * WIDTH + j] *
               (double)item_vector[item * WIDTH + j];
    return sum;
}

static bool has_had(int user, int item)
{
    for (int i = user * PER_USER; i < (user + 1) * PER_USER; i++)
        if (inter_item[i] == item)
            return true;
    return false;
}

static void plain_rank(int32_t *place, int user, int truth)
{
    double t = plain_score(user, truth);
    bool scored = false;

    place[RANK_ABOVE] = place[RANK_TIED] = place[RANK_RANKED] = 0;
    for (int i = 0; i < ITEMS; i++) {
        double s = plain_score(user, i);

        if (i != truth && has_had(user, i))
            continue;
        scored |= !isnan(s);
        place[RANK_RANKED]++;
        place[RANK_ABOVE] += isnan(t) ? !isnan(s) : s > t;
        place[RANK_TIED] += isnan(t) ? isnan(s) : s == t;
    }
    if (!scored)
        place[RANK_ABOVE] = place[RANK_TIED] = 0;
}

static void ranks_are_those_of_plain_loops(void **state)
{
    struct history h;
    struct item_scorer m = set_up(&h);
    int32_t users[USERS], place[USERS * RANK_COLUMNS], want[RANK_COLUMNS];

    (void)state;
    for (int u = 0; u < USERS; u++)
        users[u] = USERS - 1 - u;
    for (int i = 0; i < 4; i++) {
        int s = i % 2 ? SPLIT_VALID : SPLIT_TEST;

        m.is_dot = i < 2; /* without products of blocks the same */
        catalogue_rank(place, &m, &h, (enum split)s, users, USERS);
        for (int u = 0; u < USERS; u++) {
            plain_rank(want, users[u], inter_item[users[u] * PER_USER + 3 + s]);
            assert_memory_equal(place + u * RANK_COLUMNS, want, sizeof want);
        }
    }
    catalogue_rank(place, &m, &h, SPLIT_TEST, users, USERS);
    assert_int_equal(place[(USERS - 1) * RANK_COLUMNS + RANK_TIED], 1);   /* NaN truth */
    assert_int_equal(place[(USERS - 1 - 5) * RANK_COLUMNS + RANK_TIED], 0); /* NaN */
    history_free(&h);
}

/* Selection by n passes. */
static void plain_top(int32_t *row, int user)
{
    bool taken[ITEMS] = { false };

    for (int n = 0; n < TOP; n++) {
        int best = -1;

        for (int i = 0; i < ITEMS; i++)
            if (!taken[i] && !has_had(user, i) && !isnan(plain_score(user, i)) &&
                (best < 0 || plain_score(user, i) > plain_score(user, best)))
                best = i;
        row[n] = best;
        if (best >= 0)
            taken[best] = true;
    }
}

static void the_best_are_those_of_plain_loops(void **state)
{
    struct history h;
    struct item_scorer m = set_up(&h);
    int32_t users[USERS], item[USERS * TOP], want[TOP];

    (void)state;
    for (int u = 0; u < USERS; u++)
        users[u] = u;
    for (int i = 0; i < 2; i++) {
        m.is_dot = i == 0;
        catalogue_top(item, TOP, &m, &h, SPLIT_NEXT, users, USERS);
        for (int u = 0; u < USERS; u++) {
            plain_top(want, u);
            assert_memory_equal(item + u * TOP, want, sizeof want);
        }
    }
    assert_int_equal(item[5 * TOP], -1);
    assert_false(item_scorer_knows(&m, 5));
    assert_true(item_scorer_knows(&m, 4));
    history_free(&h);
}

/* Scores that differ in their last digits, or not at all: items are copies of others, or
 * but for one bit.  What a product of blocks cannot tell, the score itself must. */
static void near_ties_are_told_apart(void **state)
{
    enum { WIDE = 50, USER = 9 };
    float *x = mem_new(USERS * WIDE, sizeof *x), *y = mem_new(ITEMS * WIDE, sizeof *y);
    struct history h;
    struct item_scorer m = set_up(&h);
    rng r = rng_keyed("test near", 1, 0, 0);
    int32_t place[RANK_COLUMNS], want[RANK_COLUMNS] = { 0 }, best[TOP], user = USER;
    int32_t truth = inter_item[USER * PER_USER + 5];

    (void)state;
    for (int i = 0; i < USERS * WIDE; i++)
        x[i] = (float)rng_normal(&r);
    for (int i = 0; i < ITEMS * WIDE; i++)
        y[i] = i < 40 * WIDE ? (float)rng_normal(&r) : y[i - 40 * WIDE];
    for (int i = 0; i < ITEMS; i += 3)
        y[i * WIDE] = nextafterf(y[i * WIDE], INFINITY);
    m.user = x, m.item = y, m.width = WIDE;
    for (int i = 0; i < ITEMS; i++) {
        float s = item_scorer_score(&m, USER, i), t = item_scorer_score(&m, USER, truth);

        if (i != truth && has_had(USER, i))
            continue;
        want[RANK_ABOVE] += s > t;
        want[RANK_TIED] += s == t;
        want[RANK_RANKED]++;
    }
    catalogue_rank(place, &m, &h, SPLIT_TEST, &user, 1);
    assert_memory_equal(place, want, sizeof want);
    assert_true(want[RANK_TIED] > 1);
    catalogue_top(best, TOP, &m, &h, SPLIT_NEXT, &user, 1);
    for (int i = 0; i < TOP; i++) {
        int better = 0;

        for (int j = 0; j < ITEMS; j++) {
            float s = item_scorer_score(&m, USER, j),
                  t = item_scorer_score(&m, USER, best[i]);

            better += !has_had(USER, j) && (s > t || (s == t && j < best[i]));
        }
        assert_int_equal(better, i);
    }
    free(x), free(y);
    history_free(&h);
}

static void all_of_a_small_catalogue(void **state)
{
    struct history h;
    struct item_scorer m = set_up(&h);
    int32_t user = 3, *item = mem_new(ITEMS, sizeof *item);
    int n = 0;

    (void)state;
    catalogue_top(item, ITEMS, &m, &h, SPLIT_NEXT, &user, 1);
    while (n < ITEMS && item[n] >= 0)
        n++;
    for (int i = 0; i < ITEMS; i++)
        n += i == 7 || has_had(user, i);
    assert_int_equal(n, ITEMS);
    for (int i = 1; i < ITEMS && item[i] >= 0; i++)
        assert_true(plain_score(user, item[i - 1]) >= plain_score(user, item[i]));
    free(item);
    history_free(&h);
}

/* decode(encode(x)) is what the whole tower puts out. */
static void decoding_is_the_second_half(void **state)
{
    static const struct tower_shape shapes[] = {
        { .in = 5, .joint = 4 }, { .in = 5, .joint = 3, .hidden = { 7, 6 }, .hiddens = 2 }
    };
    enum { N = 300 };

    (void)state;
    for (int s = 0; s < 2; s++) {
        struct align_options o = { .match = &match_off, .rec_loss = &rec_bce,
                                   .temperature = 1 };
        struct align a;
        struct tower_tape k;
        struct error e;
        real *joint = mem_new(N * (size_t)shapes[s].joint, sizeof *joint);
        real *out = mem_new(N * 5, sizeof *out);
        rng r = rng_keyed("test decode", 1, 0, 0);

        assert_int_equal(align_new(&a, &o, shapes[s], shapes[s], &e), 0);
        align_init(&a, 1);
        tower_tape_new(&k, &a.item, N);
        k.decoded = true;
        for (int i = 0; i < N * 5; i++)
            k.z[0][i] = (real)rng_normal(&r);
        tower_forward(&a.item, a.p.values, &k, 0, N, "", 0, 0);
        tower_encode(&a.item, a.p.values, joint, k.z[0], 1, N);
        tower_decode(&a.item, a.p.values, out, joint, N);
        for (int i = 0; i < N * 5; i++)
            assert_true(fabs((double)(out[i] - k.z[a.item.layers][i])) < 1e-5);
        tower_tape_free(&k);
        align_free(&a);
        free(joint), free(out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranks_are_those_of_plain_loops),
        cmocka_unit_test(the_best_are_those_of_plain_loops),
        cmocka_unit_test(near_ties_are_told_apart),
        cmocka_unit_test(all_of_a_small_catalogue),
        cmocka_unit_test(decoding_is_the_second_half),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
