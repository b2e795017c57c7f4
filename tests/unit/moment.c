/* Times to the last digit.  Dates: `date -u -d DATE +%s`. */
#include "data/moment.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void is(const char *text, int64_t whole, uint64_t fraction)
{
    struct moment m;

    if (moment_parse(&m, text, strlen(text)) != 0)
        fail_msg("'%s' is refused", text);
    if (m.whole != whole || m.fraction != fraction)
        fail_msg("'%s' is %lld + %llu", text, (long long)m.whole,
                 (unsigned long long)m.fraction);
}

static void is_none(const char *text)
{
    struct moment m;

    if (moment_parse(&m, text, strlen(text)) == 0)
        fail_msg("'%s' is taken", text);
}

#define MILLI UINT64_C(1000000000000000)

static void test_numbers(void **state)
{
    (void)state;
    is("0", 0, 0);
    is("+7", 7, 0);
    is("-3", -3, 0);
    is("12.9", 12, 900 * MILLI);
    is("-12.25", -13, 750 * MILLI);
    is("-0.5", -1, 500 * MILLI);
    is("-0.0", 0, 0);
    is("1e3", 1000, 0);
    is("1.5E+1", 15, 0);
    is("1234.5e-2", 12, 345 * MILLI);
    is("5e-3", 0, 5 * MILLI);
    is("0e999999999999999999999", 0, 0);
    is("1e-99999", 0, 0);
    is(".5", 0, 500 * MILLI);
    is("5.", 5, 0);
    is("0.000000000000000001", 0, 1);
    is("0.0000000000000000019", 0, 1);
    is("1588687728.923456789", 1588687728, UINT64_C(923456789000000000));
    is("9223372036854775806", INT64_MAX - 1, 0);
    for (const char *const *bad = (const char *const[]){ "", ".", "-", "e", "1e", "1e+",
             "x", " 1", "1 ", "1.2.3", "9223372036854775807", "1e19", "0x1", "nan", "inf",
             "1-", "1e1.0", NULL }; *bad; bad++)
        is_none(*bad);
}

static void test_dates(void **state)
{
    (void)state;
    is("1970-01-01", 0, 0);
    is("2000-02-29", 951782400, 0);
    is("1969-12-31 23:59:59.5", -1, 500 * MILLI);
    is("0001-01-01", -62135596800, 0);
    is("2020-01-31T12:30", 1580473800, 0);
    is("2020-01-31T12:30:00Z", 1580473800, 0);
    is("2020-01-31 12:30:00 UTC", 1580473800, 0);
    is("2020-01-31T12:30:00.001+01:00", 1580470200, MILLI);
    is("2020-01-31T12:30:00-0130", 1580479200, 0);
    is("2020-01-31 12:30:00+00", 1580473800, 0);
    is("Sun Jul 30 07:44:10 -0700 2017", 1501425850, 0);
    for (const char *const *bad = (const char *const[]){ "2020-13-01", "2020-02-30",
             "1900-02-29", "2020-01-01T", "2020-01-01T24:00", "2020-01-01 12:61",
             "2020-01-01 12", "2020-01-01T12:00:00.", "2020-01-01x", "2020-1-1",
             "2020-01-01T12:00+1", "Sun Jul 32 07:44:10 -0700 2017",
             "Sun Xyz 30 07:44:10 -0700 2017", "Sun Jul 30 07:44:10 -0700 17", NULL };
         *bad; bad++)
        is_none(*bad);
}

static void test_settle(void **state)
{
    int64_t time[] = { 3, -2, 0 }, large[] = { INT64_C(5000000000), 1, 1 };
    uint64_t fraction[] = { 250 * MILLI, 0, 1500 * (MILLI / 1000) };
    uint64_t fine[] = { 3, 0, 2000000000 };
    struct moment_scale s = moment_settle(time, fraction, 3, 0);

    (void)state;
    assert_int_equal(s.given, 0);
    assert_int_equal(s.power, 6);
    assert_false(s.rest);
    assert_int_equal(time[0], 3250000);
    assert_int_equal(time[1], -2000000);
    assert_int_equal(time[2], 1500);
    s = moment_settle(large, fine, 3, 0);
    assert_int_equal(s.power, 9);
    assert_true(s.rest);
    assert_int_equal(large[0], INT64_C(5000000000000000000));
    assert_int_equal(large[2], 1000000002);
    assert_int_equal(fine[0], 3);
    assert_int_equal(fine[2], 0);
    assert_string_equal(moment_unit(9), "ns");
}

static void counts(const char *text, int power)
{
    struct moment m;

    assert_int_equal(moment_parse(&m, text, strlen(text)), 0);
    if (moment_counts(&m) != power)
        fail_msg("'%s' counts %d", text, moment_counts(&m));
}

static void test_what_is_counted(void **state)
{
    int64_t ms[] = { INT64_C(1588687728000), 0, INT64_C(1588687728001) };
    uint64_t half[] = { 500 * MILLI, 0, 0 };

    (void)state;
    counts("0", -1);
    counts("-99999999", -1);
    counts("100000000", 0);
    counts("-100000000.5", 0);
    counts("99999999999.9", 0);
    counts("100000000000", 3);
    counts("-1588687728000", 3);
    counts("1588687728000000", 6);
    counts("1588687728000000000", 9);
    counts("1970-01-01", 0);
    counts("9999-12-31 23:59", 0);
    counts("Thu Jan 01 00:00:10 +0000 1970", 0);
    assert_int_equal(moment_settle(ms, NULL, 3, 3).power, 3);
    assert_int_equal(moment_settle(ms, half, 3, 3).power, 6);
    assert_int_equal(ms[0], INT64_C(1588687728000500));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_settle),
        cmocka_unit_test(test_what_is_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
