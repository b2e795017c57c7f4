#include "history/suggest.h"

#include "history/lookup.h"
#include "recommend/reasons.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

static struct texts texts_of(const char *const *list)
{
    struct texts t = { 0 };

    for (; *list; list++)
        texts_add(&t, *list, strlen(*list));
    return t;
}

static const char *const films[] = { "Toy Story",    "Godfather, The", "Heat",
                                     "Toy Soldiers", "Amélie",         "Alien",
                                     "Aliens",       "Alien",          NULL };

/* The nearest, or "". */
static const char *nearest(const struct texts *t, const char *text)
{
    int32_t near[SUGGEST_MOST];

    return suggest_names(t, text, near) > 0 ? texts_at(t, near[0]) : "";
}

static void near_misses(void **state)
{
    struct texts t = texts_of(films);
    int32_t near[SUGGEST_MOST];

    (void)state;
    assert_string_equal(nearest(&t, "Toy Stroy"), "Toy Story");
    assert_string_equal(nearest(&t, "TOY STORY"), "Toy Story");
    assert_string_equal(nearest(&t, "the godfather"), "Godfather, The");
    assert_string_equal(nearest(&t, "amelie"), "Amélie");
    assert_string_equal(nearest(&t, "AMÉLIE"), "Amélie");
    assert_string_equal(nearest(&t, "Het"), "Heat");
    assert_string_equal(nearest(&t, "story"), "Toy Story");
    assert_string_equal(nearest(&t, "zzz"), "");
    assert_string_equal(nearest(&t, ""), "");
    assert_string_equal(nearest(&t, "\xff\xfe"), ""); /* not valid UTF-8: bytes */
    assert_int_equal(suggest_names(&t, "Alienz", near), 2); /* each text once */
    assert_int_equal(near[0], 5);
    assert_int_equal(near[1], 6);
    assert_int_equal(suggest_names(&t, "Toy", near), 2);
    texts_free(&t);
}

static const char *const long_films[] = {
    "Godfather, The",
    "Godfather: Part II, The",
    "Star Wars",
    "Raiders of the Lost Ark",
    "B. Monkey",
    "Twelve Monkeys",
    "Monty Python and the Holy Grail",
    "Dr. Strangelove or: How I Learned to Stop Worrying and Love the Bomb",
    "Schindler's List",
    "Terminator, The",
    "Terminator 2: Judgment Day",
    "Independence Day (ID4)",
    "Die Hard 2",
    "Die Hard",
    "Super Mario Bros.",
    "Wizard of Oz, The",
    "X",
    NULL
};

static void words_in_another_order(void **state)
{
    struct texts t = texts_of(long_films);

    (void)state;
    assert_string_equal(nearest(&t, "Godfather"), "Godfather, The");
    assert_string_equal(nearest(&t, "Godfather 2"), "Godfather: Part II, The");
    assert_string_equal(nearest(&t, "Star Wars 1977"), "Star Wars");
    assert_string_equal(nearest(&t, "the Die Hard (1988)"), "Die Hard");
    assert_string_equal(nearest(&t, "Lost Ark Raiders"), "Raiders of the Lost Ark");
    assert_string_equal(nearest(&t, "12 monkys"), "Twelve Monkeys");
    assert_string_equal(nearest(&t, "Monty Python Holy Grail"), long_films[6]);
    assert_string_equal(nearest(&t, "Dr Strangelov"), long_films[7]);
    assert_string_equal(nearest(&t, "Shindlers Lists"), "Schindler's List");
    assert_string_equal(nearest(&t, "Terminator II"), "Terminator 2: Judgment Day");
    assert_string_equal(nearest(&t, "Independance Day"), "Independence Day (ID4)");
    assert_string_equal(nearest(&t, "Oz, Wizard"), "Wizard of Oz, The");
    assert_string_equal(nearest(&t, "the matrix"), ""); /* an article is no word */
    assert_string_equal(nearest(&t, "lost highway blues"), "");
    assert_string_equal(nearest(&t, "10"), "");
    assert_string_equal(nearest(&t, "x"), "X");
    assert_string_equal(nearest(&t, "1999"), "");
    texts_free(&t);
}

static void items_by_id_and_title(void **state)
{
    static const char *const list[] = { "10", "20", "Heat", "40", "50",
                                        "60", "70", "80",   NULL };
    struct texts titles = texts_of(films), ids = texts_of(list);
    struct error e;

    (void)state;
    assert_int_equal(lookup_item(&ids, &titles, "20", &e), 1);
    assert_int_equal(lookup_item(&ids, &titles, "Toy Story", &e), 0);
    assert_int_equal(lookup_item(&ids, &titles, "aliens", &e), 6);
    assert_int_equal(lookup_item(&ids, &titles, "id:60", &e), 5);
    assert_int_equal(lookup_item(&ids, &titles, "Heat", &e), 2); /* both are one item */
    assert_int_equal(lookup_item(&ids, NULL, "Toy Story", &e), -1);
    assert_string_equal(e.text, "no item has the id or title 'Toy Story'");
    assert_int_equal(lookup_item(&ids, &titles, "alien", &e), -1);
    assert_string_equal(e.text,
                        "2 items have the title 'alien', with the ids 60, 80: give "
                        "one of these");
    assert_int_equal(lookup_user(&ids, "21", &e), -1);
    assert_string_equal(e.text, "no user has the id '21': near it '20'");
    texts_free(&titles);
    texts_free(&ids);
}

static void reasons_are_nearest_first_and_once(void **state)
{
    float v[] = { 1, 0, -1, 0, 0, 1, 0, -1, NAN, NAN, 2, 1 };
    static const int32_t history[] = { 1, 2, 4, 2, 0, 3 };
    struct tensor t = tensor_view2(DT_F4, 6, 2, v);
    struct unit_vectors u;
    struct reason why[5];

    (void)state;
    unit_vectors_of(&u, &t);
    reasons_find(why, 5, &u, history, 6, 5);
    assert_int_equal(why[0].item, 0); /* mean (.4, .2): (.6, -.2) beside (1.6, .8) */
    assert_true(fabsf(why[0].cosine - .70711f) < 1e-4f);
    assert_int_equal(why[1].item, 2);
    assert_int_equal(why[4].item, -1); /* 4 has no vector */
    reasons_find(why, 1, &u, history, 6, 4);
    assert_int_equal(why[0].item, -1);
    unit_vectors_free(&u);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(near_misses),
        cmocka_unit_test(words_in_another_order),
        cmocka_unit_test(items_by_id_and_title),
        cmocka_unit_test(reasons_are_nearest_first_and_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
