#include "data/moment.h"

#include "util/error.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define ONE UINT64_C(1000000000000000000) /* 10^MOMENT_DIGITS */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int negate(struct moment *m)
{
    if (m->fraction > 0) {
        m->fraction = ONE - m->fraction;
        m->whole++;
    }
    m->whole = -m->whole; /* whole was not negative */
    return 0;
}

/* Adds a digit at the place 10^-place after the point. */
static void add_fraction(struct moment *m, int digit, int64_t place)
{
    static const uint64_t ten[] = { 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000,
                                    100000000, 1000000000 };
    int64_t left = MOMENT_DIGITS - place;
    uint64_t value = (uint64_t)digit;

    if (left < 0)
        return;
    m->fraction += left > 9 ? value * ten[9] * ten[left - 9] : value * ten[left];
}

static int add_whole(struct moment *m, int digit)
{
    return __builtin_mul_overflow(m->whole, 10, &m->whole) ||
           __builtin_add_overflow(m->whole, digit, &m->whole) ||
           m->whole == INT64_MAX ? -1 : 0;
}

/* The exponent behind "e", all of n bytes, held within +-100,000. */
static int parse_exponent(const char *s, size_t n, int64_t *exponent)
{
    size_t i = n > 0 && (*s == '-' || *s == '+');
    int64_t value = 0;

    if (i == n)
        return -1;
    for (; i < n; i++) {
        if (!is_digit(s[i]))
            return -1;
        if (value < 100000)
            value = 10 * value + (s[i] - '0');
    }
    *exponent = *s == '-' ? -value : value;
    return 0;
}

/* Digits with a point somewhere, whose place the exponent moves. */
static int parse_digits(struct moment *m, const char *s, size_t n, int64_t exponent)
{
    const char *point = memchr(s, '.', n);
    int64_t place = (point ? point - s : (int64_t)n) + exponent; /* digits before it */
    int digits = 0;

    for (size_t i = 0; i < n; i++) {
        if (s + i == point)
            continue;
        if (!is_digit(s[i]))
            return -1;
        digits++;
        if (place-- > 0) {
            if (add_whole(m, s[i] - '0') != 0)
                return -1;
        } else if (s[i] != '0') {
            add_fraction(m, s[i] - '0', -place);
        }
    }
    for (; place > 0 && m->whole > 0; place--)
        if (add_whole(m, 0) != 0)
            return -1;
    return digits > 0 ? 0 : -1;
}

static int parse_number(struct moment *m, const char *s, size_t n)
{
    bool minus = n > 0 && *s == '-', sign = n > 0 && (*s == '-' || *s == '+');
    const char *e;
    int64_t exponent = 0;

    s += sign;
    n -= sign;
    e = memchr(s, 'e', n);
    if (!e)
        e = memchr(s, 'E', n);
    if (e && parse_exponent(e + 1, (size_t)(s + n - e - 1), &exponent) != 0)
        return -1;
    if (parse_digits(m, s, e ? (size_t)(e - s) : n, exponent) != 0)
        return -1;
    return minus ? negate(m) : 0;
}

/* What is left of a text that is read from left to right. */
struct rest {
    const char *s, *end;
};

static bool take(struct rest *r, char c)
{
    bool there = r->s < r->end && *r->s == c;

    r->s += there;
    return there;
}

/* Exactly so many digits as a number from low to high: 0 or -1. */
static int take_digits(struct rest *r, int count, int low, int high, int *value)
{
    *value = 0;
    for (int i = 0; i < count; i++, r->s++) {
        if (r->s == r->end || !is_digit(*r->s))
            return -1;
        *value = 10 * *value + (*r->s - '0');
    }
    return *value >= low && *value <= high ? 0 : -1;
}

/* Days from 1970-01-01 in the Gregorian calendar, years counted from March: a month's
 * first day is then (153 m + 2) / 5 days after the year's. */
static int64_t days_of(int year, int month, int day)
{
    int64_t y = month > 2 ? year : year - 1, m = (month + 9) % 12;

    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

static bool is_day(int year, int month, int day)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return day <= days[month - 1] + (month == 2 && leap);
}

/* HH:MM[:SS[.fraction]] after the days; a second 60 is there for leap seconds. */
static int take_clock(struct rest *r, struct moment *m)
{
    int hour, minute, second = 0;

    if (take_digits(r, 2, 0, 23, &hour) != 0 || !take(r, ':') ||
        take_digits(r, 2, 0, 59, &minute) != 0)
        return -1;
    if (take(r, ':')) {
        if (take_digits(r, 2, 0, 60, &second) != 0)
            return -1;
        if (take(r, '.') || take(r, ',')) {
            const char *begin = r->s;

            for (; r->s < r->end && is_digit(*r->s); r->s++)
                add_fraction(m, *r->s - '0', r->s - begin + 1);
            if (r->s == begin)
                return -1;
        }
    }
    m->whole += (hour * 60 + minute) * 60 + second;
    return 0;
}

/* Z, UTC, or the distance from it, which comes off. */
static int take_zone(struct rest *r, struct moment *m)
{
    int sign = take(r, '+') ? 1 : take(r, '-') ? -1 : 0, hour, minute = 0;

    if (sign == 0) {
        if (r->end - r->s == 3 && memcmp(r->s, "UTC", 3) == 0)
            r->s += 3;
        else
            take(r, 'Z');
        return 0;
    }
    if (take_digits(r, 2, 0, 23, &hour) != 0)
        return -1;
    if ((take(r, ':') || (r->s < r->end && is_digit(*r->s))) &&
        take_digits(r, 2, 0, 59, &minute) != 0)
        return -1;
    m->whole -= sign * (hour * 60 + minute) * 60;
    return 0;
}

/* 2020-01-31[ T]12:34:56.789+01:00 */
static int parse_iso(struct moment *m, const char *s, size_t n)
{
    struct rest r = { s, s + n };
    int year, month, day;

    if (take_digits(&r, 4, 0, 9999, &year) != 0 || !take(&r, '-') ||
        take_digits(&r, 2, 1, 12, &month) != 0 || !take(&r, '-') ||
        take_digits(&r, 2, 1, 31, &day) != 0 || !is_day(year, month, day))
        return -1;
    m->whole = days_of(year, month, day) * 86400;
    if (r.s == r.end)
        return 0;
    if ((!take(&r, 'T') && !take(&r, ' ')) || take_clock(&r, m) != 0)
        return -1;
    take(&r, ' ');
    return take_zone(&r, m) == 0 && r.s == r.end ? 0 : -1;
}

/* Sun Jul 30 07:44:10 -0700 2017 */
static int parse_mail(struct moment *m, const char *s, size_t n)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct rest r = { s + 8, s + n }, clock;
    int month = 0, day, year;

    if (n < 28 || s[3] != ' ' || s[7] != ' ')
        return -1;
    while (month < 12 && memcmp(months + (ptrdiff_t)3 * month, s + 4, 3) != 0)
        month++;
    if (month == 12 || take_digits(&r, 2, 1, 31, &day) != 0 || !take(&r, ' '))
        return -1;
    clock = r;
    r.s = s + n - 4;
    if (take_digits(&r, 4, 0, 9999, &year) != 0 || !is_day(year, month + 1, day))
        return -1;
    m->whole = days_of(year, month + 1, day) * 86400;
    clock.end = s + n - 5;
    if (s[n - 5] != ' ' || take_clock(&clock, m) != 0 || !take(&clock, ' '))
        return -1;
    return take_zone(&clock, m) == 0 && clock.s == clock.end ? 0 : -1;
}

/* Up to 18 digits and nothing else, as nearly all times are. */
static bool is_short_number(struct moment *m, const char *s, size_t n)
{
    int64_t value = 0;

    if (n == 0 || n > 18)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!is_digit(s[i]))
            return false;
        value = 10 * value + (s[i] - '0');
    }
    m->whole = value;
    return true;
}

int moment_parse(struct moment *m, const char *text, size_t n)
{
    *m = (struct moment){ 0 };
    if (is_short_number(m, text, n))
        return 0;
    m->date = true;
    if (n > 4 && text[4] == '-' && is_digit(*text) && !memchr(text, 'e', n) &&
        !memchr(text, 'E', n))
        return parse_iso(m, text, n);
    if (n > 0 && isalpha((unsigned char)*text))
        return parse_mail(m, text, n);
    m->date = false;
    return parse_number(m, text, n);
}

/* 1e8 s and 1e11 ms are in 1973, 1e11 s is the year 5138. */
int moment_counts(const struct moment *m)
{
    const int64_t most = INT64_C(100000000000);
    int64_t size = m->whole < 0 ? -m->whole : m->whole;

    if (m->date || (size >= most / 1000 && size < most))
        return 0;
    return size < most ? -1 : size < most * 1000 ? 3 : size < most * 1000000 ? 6 : 9;
}

/* Digits that the fractions have, up to a multiple of 3. */
static int digits_of(const uint64_t *fraction, int64_t n)
{
    uint64_t unit = ONE;
    int digits = 0;

    for (int64_t i = 0; i < n; i++)
        while (fraction[i] % unit != 0) {
            unit /= 1000;
            digits += 3;
        }
    return digits;
}

static bool fits(const int64_t *time, int64_t n, int64_t factor)
{
    int64_t most = INT64_MAX / factor - 1;

    for (int64_t i = 0; i < n; i++)
        if (time[i] > most || time[i] < -most)
            return false;
    return true;
}

struct moment_scale moment_settle(int64_t *time, uint64_t *fraction, int64_t n,
                                  int given)
{
    struct moment_scale s = { .given = given };
    int digits = fraction ? digits_of(fraction, n) : 0, kept = 0;
    int64_t factor = 1;

    while (kept < digits && s.given + kept < MOMENT_DIGITS &&
           fits(time, n, factor * 1000)) {
        kept += 3;
        factor *= 1000;
    }
    s.power = s.given + kept;
    s.rest = kept < digits;
    for (int64_t i = 0; kept > 0 && i < n; i++) {
        uint64_t unit = ONE / (uint64_t)factor;

        time[i] = time[i] * factor + (int64_t)(fraction[i] / unit);
        fraction[i] %= unit;
    }
    return s;
}

const char *moment_unit(int power)
{
    static const char *const names[] = { "s", "ms", "us", "ns", "ps", "fs", "as" };

    return names[power / 3];
}

void moment_say(const struct moment_scale *s, bool guessed)
{
    if (s->given > 0 && guessed)
        say("the column of times looks like %s, not seconds: taken as such (--time-unit)",
            moment_unit(s->given));
    if (s->power > s->given)
        say("times have fractions: inter.time counts %s", moment_unit(s->power));
    if (s->rest)
        warn("inter.time holds times to the %s alone; the order is by all their digits",
             moment_unit(s->power));
}
