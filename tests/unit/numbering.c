/* What tensors say that their numbers stand on: the table of names, and digests of ids,
 * texts and interactions.  filter_numbering.c has what filters make of them. */
#include "stream/numbering.h"

#include "numbering_help.h"
#include "stream/names.h"
#include "stream/reader.h"
#include "stream_help.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <xxhash.h>

#define ALL (ON_ITEMS | ON_USERS | ON_INTER | ON_SPLIT | ON_TEXTS)

/* Interactions of so many rows; which: its column, from 0. */
static struct tensor column(int which, int rows)
{
    struct tensor t = tensor_new1(which == 2 ? DT_U1 : DT_I4, rows);

    for (int i = 0; i < rows; i++)
        if (which == 2)
            ((uint8_t *)t.data)[i] = (uint8_t)(i % 3);
        else
            ((int32_t *)t.data)[i] = i * (which + 5) % 101;
    return t;
}

static const char *const column_names[] = { "inter.user", "inter.item", "inter.split" };

/* One digest of the first `columns` columns' digests. */
static const char *expected_inter(int rows, int columns, char *value)
{
    uint64_t digest[3];

    for (int i = 0; i < columns; i++) {
        struct tensor t = column(i, rows);

        digest[i] = XXH3_64bits(t.data, tensor_bytes(&t));
        tensor_free(&t);
    }
    snprintf(value, NUMBERING_VALUE, "%d:%016" PRIx64, rows,
             XXH3_64bits(digest, (size_t)columns * sizeof *digest));
    return value;
}

static const char *attr_of(const struct attr *list, int count, const char *key)
{
    for (int i = 0; i < count; i++)
        if (strcmp(list[i].key, key) == 0)
            return list[i].value;
    return NULL;
}

/* No row of the table is hidden by one before it. */
static void every_row_of_the_table_is_reached(void **state)
{
    int rows = 0;

    (void)state;
    for (const struct numbered *t = numbering_table; t->pattern; t++, rows++) {
        size_t n = strlen(t->pattern);
        char *name = mem_format("%.*s%s", (int)(n - (t->pattern[n - 1] == '*')),
                                t->pattern, t->pattern[n - 1] == '*' ? "x" : "");

        if (numbering_of(name) != t)
            fail_msg("'%s' is found as '%s', expected '%s'", name,
                     numbering_of(name)->pattern, t->pattern);
        assert_true(t->maker && *t->maker);
        free(name);
    }
    assert_true(rows > 20);
    assert_int_equal(numbering_of("text")->on, 0);
    assert_int_equal(numbering_of("align.item.weight")->on, 0);
    assert_int_equal(numbering_of("item.id")->on, 0);
    assert_int_equal(numbering_of("item.text")->on, ON_ITEMS | ON_TEXTS);
    assert_int_equal(numbering_of("inter.cf")->on, ON_SPLIT);
    assert_int_equal(numbering_of("user.cf.test")->on, ON_USERS | ON_SPLIT);
    assert_string_equal(numbering_of("cand.test.item")->maker, "cand-sample");
    assert_string_equal(numbering_of("cand.genre.item")->maker, "label-count");
}

/* A pattern has the bits of all names that it may match. */
static void patterns_stand_on_what_their_names_do(void **state)
{
    static const char *const patterns[] = { "*",      "item.*", "item.t*",      "user.*",
                                            "inter.*", "cf.*",  "score.test.*", "x*" };

    (void)state;
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
        for (const struct numbered *t = numbering_table; t->pattern; t++)
            if (name_matches(patterns[i], t->pattern)
                && (t->on & ~numbering_of_pattern(patterns[i], false)))
                fail_msg("'%s' lacks bits of '%s'", patterns[i], t->pattern);
    assert_int_equal(numbering_of_pattern("*", false), ALL);
    assert_int_equal(numbering_of_pattern("x*", false), 0);
    assert_int_equal(numbering_of_pattern("item.cf", false), ON_ITEMS);
    assert_int_equal(numbering_of_pattern("item.c*", false), ON_ITEMS);
    assert_int_equal(numbering_of_pattern("item.*", false), ON_ITEMS | ON_TEXTS);
    assert_int_equal(numbering_of_pattern("item.*", true), ON_ITEMS);
    assert_int_equal(numbering_of_pattern("cand.test.*", false), ON_ITEMS | ON_USERS);
}

static void sources_of_bits(void **state)
{
    const char *name;
    char list[256] = "";
    bool texts;

    (void)state;
    assert_null(numbering_source(0, 0, &texts));
    assert_string_equal(numbering_source(ON_USERS, 0, &texts), "user.id");
    assert_false(texts);
    assert_null(numbering_source(ON_USERS, 1, &texts));
    assert_string_equal(numbering_source(ON_TEXTS, 0, &texts), "item.*");
    assert_true(texts);
    for (int i = 0; (name = numbering_source(ON_ITEMS | ON_SPLIT, i, &texts)); i++)
        strcat(strcat(list, name), " ");
    assert_string_equal(list, "item.id inter.user inter.item inter.split ");
    assert_true(numbering_is_key("item.id") && numbering_is_key("user.id"));
    assert_true(numbering_is_key("inter") && numbering_is_key("inter.split"));
    assert_true(numbering_is_key("item.title"));
    assert_false(numbering_is_key("model") || numbering_is_key("item.text"));
    assert_false(numbering_is_key("inter.user") || numbering_is_key("user.age"));
}

/* Everything as a stream that is read again: texts and columns over several chunks. */
static void read_stream(struct numbering *n, const struct texts *ids, int rows)
{
    int fd = memfd_create("stream", 0), got;
    struct writer *w = writer_new(fd);
    struct reader *r;
    const struct frame *f;
    struct error e;
    char path[64];
    int chunks = 0;

    head(w);
    writer_group(w, &(struct series_out){ "item.id", NULL, ids, NULL }, 1);
    for (int i = 0; i < 3; i++) {
        struct tensor t = column(i, rows);

        writer_group(w, &(struct series_out){ column_names[i], &t, NULL, NULL }, 1);
        tensor_free(&t);
    }
    assert_int_equal(writer_close(w), 0);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    r = reader_open(path, &e);
    assert_non_null(r);
    while ((got = reader_next(r, &f)) > 0) {
        numbering_read(n, f, false);
        chunks++;
    }
    assert_int_equal(got, 0);
    assert_true(chunks > 6); /* more than one of texts */
    reader_close(r);
    close(fd);
}

/* Read in chunks, written whole and written a row at a time: one digest. */
static void digests_are_those_of_the_rows(void **state)
{
    enum { IDS = 2500, ROWS = 300000 };
    struct texts ids = texts_of("item ", IDS);
    struct numbering *read = numbering_new(ALL, true);
    struct numbering *written = numbering_new(ALL, false);
    struct numbering *rows = numbering_new(ALL, false), *all[] = { read, written, rows };
    char want[NUMBERING_VALUE], value[NUMBERING_VALUE];

    (void)state;
    expected(&ids, IDS, want);
    assert_string_equal(numbering_of_texts(&ids, value), want);
    read_stream(read, &ids, ROWS);
    numbering_write(written, "item.id", &ids, NULL);
    for (int i = 0; i < IDS; i++)
        numbering_row(rows, "item.id", i, IDS, texts_at(&ids, i), texts_length(&ids, i));
    for (int i = 0; i < 3; i++) {
        struct tensor t = column(i, ROWS);

        numbering_write(written, column_names[i], NULL, &t);
        numbering_write(rows, column_names[i], NULL, &t);
        tensor_free(&t);
    }
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct attr list[NUMBERING_ATTRS];
        int count = numbering_attrs(all[i], "item.cf", IDS, list);

        assert_int_equal(count, 1);
        assert_string_equal(list[0].key, "item.id");
        assert_string_equal(list[0].value, want);
        assert_int_equal(numbering_attrs(all[i], "item.cf", IDS - 1, list), 0);
        assert_int_equal(numbering_attrs(all[i], "inter.cf", ROWS, list), 1);
        assert_string_equal(list[0].key, "inter.split");
        assert_string_equal(list[0].value, expected_inter(ROWS, 3, value));
        assert_int_equal(numbering_attrs(all[i], "inter.split", ROWS, list), 1);
        assert_string_equal(attr_of(list, 1, "inter"), expected_inter(ROWS, 2, value));
        assert_int_equal(numbering_attrs(all[i], "text", IDS, list), 0);
        numbering_free(all[i]);
    }
    texts_free(&ids);
}

/* Ids that are not all there, and columns of other lengths, have no digest. */
static void what_is_not_whole_has_no_digest(void **state)
{
    struct numbering *n = numbering_new(ALL, false);
    struct tensor users = column(0, 8), items = column(1, 7);
    struct attr list[NUMBERING_ATTRS];

    (void)state;
    numbering_row(n, "item.id", 0, 2, "a", 1);
    assert_int_equal(numbering_attrs(n, "cf.pop", 2, list), 0);
    numbering_row(n, "item.id", 1, 2, "b", 1);
    assert_int_equal(numbering_attrs(n, "cf.pop", 2, list), 1);
    numbering_write(n, "inter.user", NULL, &users);
    assert_int_equal(numbering_attrs(n, "inter.time", 8, list), 0);
    numbering_write(n, "inter.item", NULL, &items);
    assert_int_equal(numbering_attrs(n, "inter.time", 8, list), 0);
    for (int i = 0; i < 2; i++) /* 7 rows of 9 */
        numbering_read(n, &(struct frame){ .kind = FRAME_TENSOR, .name = column_names[i],
                                           .rows = 9, .tensor = items }, false);
    assert_int_equal(numbering_attrs(n, "inter.time", 9, list), 0);
    numbering_free(n);
    tensor_free(&users);
    tensor_free(&items);
}

static void refused(struct numbering *n, const char *key, const char *value,
                    const char *why)
{
    struct error e = { "" };

    if (numbering_check(n, key, value, &e) == 0)
        fail_msg("%s %s is taken", key, value);
    if (!strstr(e.text, why) || strncmp(e.text, key, strlen(key)) != 0)
        fail_msg("'%s' does not say '%s'", e.text, why);
}

static void values_are_checked_against_the_stream(void **state)
{
    struct numbering *n = numbering_new(ALL, true);
    struct texts ids = texts_of("i", 5), longer = texts_of("i", 6), other = { 0 };
    struct error e;
    char value[NUMBERING_VALUE];

    (void)state;
    numbering_write(n, "item.id", &ids, NULL);
    for (int rows = 0; rows <= 5; rows++) /* what data-add appends changes no number */
        assert_int_equal(numbering_check(n, "item.id", expected(&ids, rows, value), &e),
                         0);
    refused(n, "item.id", expected(&longer, 6, value), "but the input's is 5:");
    for (int i = 4; i >= 0; i--)
        texts_add(&other, texts_at(&ids, i), texts_length(&ids, i));
    for (int rows = 1; rows <= 5; rows++)
        refused(n, "item.id", expected(&other, rows, value), "but the input's is 5:");
    refused(n, "item.id", "5", "expected rows and digest");
    refused(n, "item.id", "", "expected rows and digest");
    refused(n, "item.id", "-1:0123456789abcdef", "expected rows and digest");
    refused(n, "item.id", "5:0123456789abcde", "expected rows and digest");
    refused(n, "item.id", "5:0123456789abcdefa", "expected rows and digest");
    refused(n, "item.id", "5:0123456789abcdeg", "expected rows and digest");
    /* a stream without users: all must say the same of them */
    assert_int_equal(numbering_check(n, "user.id", "2:0123456789abcdef", &e), 0);
    assert_int_equal(numbering_check(n, "user.id", "2:0123456789abcdef", &e), 0);
    refused(n, "user.id", "2:0123456789abcdee",
            "others in the input on 2:0123456789abcdef");
    numbering_free(n);
    texts_free(&ids);
    texts_free(&longer);
    texts_free(&other);
}

/* Which users and items there are, and which are held out, are two things. */
static void a_split_is_more_than_its_interactions(void **state)
{
    struct numbering *n = numbering_new(ON_INTER | ON_SPLIT, true);
    struct tensor t[3] = { column(0, 9), column(1, 9), column(2, 9) };
    char value[NUMBERING_VALUE];
    struct error e;

    (void)state;
    ((uint8_t *)t[2].data)[4] ^= 1;
    for (int i = 0; i < 3; i++)
        numbering_write(n, column_names[i], NULL, &t[i]);
    assert_int_equal(numbering_check(n, "inter", expected_inter(9, 2, value), &e), 0);
    refused(n, "inter.split", expected_inter(9, 3, value), "but the input's is 9:");
    numbering_free(n);
    for (int i = 0; i < 3; i++)
        tensor_free(&t[i]);
}

/* Vectors of texts say of which columns, by what is used or was claimed. */
static void vectors_of_texts_name_their_columns(void **state)
{
    struct numbering *n = numbering_new(ON_ITEMS | ON_TEXTS, true);
    struct texts titles = texts_of("title ", 3);
    struct attr list[NUMBERING_ATTRS];
    char value[NUMBERING_VALUE];

    (void)state;
    numbering_use(n, "item.title", numbering_of_texts(&titles, value));
    numbering_use(n, "item.class", numbering_of_part(9, "0123456789abcdef", value));
    assert_string_equal(value, "9:0123456789abcdef");
    assert_int_equal(numbering_attrs(n, "item.text", 3, list), 2);
    assert_string_equal(attr_of(list, 2, "item.title"), expected(&titles, 3, value));
    assert_string_equal(attr_of(list, 2, "item.class"), "9:0123456789abcdef");
    assert_int_equal(numbering_attrs(n, "item.cf", 3, list), 0);
    numbering_free(n);
    texts_free(&titles);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_of_the_table_is_reached),
        cmocka_unit_test(patterns_stand_on_what_their_names_do),
        cmocka_unit_test(sources_of_bits),
        cmocka_unit_test(digests_are_those_of_the_rows),
        cmocka_unit_test(what_is_not_whole_has_no_digest),
        cmocka_unit_test(values_are_checked_against_the_stream),
        cmocka_unit_test(a_split_is_more_than_its_interactions),
        cmocka_unit_test(vectors_of_texts_name_their_columns),
    };

    return cmocka_run_group_tests_name("numbering", tests, NULL, NULL);
}
