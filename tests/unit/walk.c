#include "stream/walk.h"

#include "util/mem.h"
#include "util/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <msgpack.h>
#include <stdlib.h>
#include <string.h>

/* One of everything that a frame may hold. */
static void pack_everything(msgpack_sbuffer *out)
{
    msgpack_packer p;
    char *zeros = mem_new(70000, 1);

    msgpack_packer_init(&p, out, msgpack_sbuffer_write);
    msgpack_pack_array(&p, 21);
    msgpack_pack_nil(&p);
    msgpack_pack_true(&p);
    for (int bits = 0; bits < 64; bits += 9)
        msgpack_pack_uint64(&p, (uint64_t)1 << bits);
    msgpack_pack_int64(&p, -1);
    msgpack_pack_int64(&p, INT64_MIN);
    msgpack_pack_float(&p, 1);
    msgpack_pack_double(&p, 1);
    msgpack_pack_str_with_body(&p, zeros, 5);
    msgpack_pack_str_with_body(&p, zeros, 40);
    msgpack_pack_str_with_body(&p, zeros, 300);
    msgpack_pack_bin_with_body(&p, zeros, 3);
    msgpack_pack_bin_with_body(&p, zeros, 70000);
    msgpack_pack_map(&p, 1);
    msgpack_pack_nil(&p);
    msgpack_pack_array(&p, 0);
    free(zeros);
}

static void every_prefix_wants_more(void **state)
{
    msgpack_sbuffer b;
    const char *why;
    size_t size;

    (void)state;
    msgpack_sbuffer_init(&b);
    pack_everything(&b);
    for (size_t n = 0; n < b.size; n += n > 1000 && n < 70000 ? 97 : 1) {
        unsigned char *copy = mem_resize(NULL, n, 1); /* sanitizers see what is past n */

        memcpy(copy, b.data, n);
        assert_int_equal(walk_object(copy, n, &size, &why), WALK_MORE);
        assert_true(size > n && size <= b.size);
        free(copy);
    }
    /* pack_everything's array has one item less than it says */
    assert_int_equal(walk_object((unsigned char *)b.data, b.size, &size, &why),
                     WALK_MORE);
    msgpack_sbuffer_write(&b, "\xc0tail", 5);
    assert_int_equal(walk_object((unsigned char *)b.data, b.size, &size, &why),
                     WALK_WHOLE);
    assert_int_equal(size, b.size - 4);
    msgpack_sbuffer_destroy(&b);
}

static enum walk_result walk(const char *bytes, size_t n)
{
    const char *why;
    size_t size;

    return walk_object((const unsigned char *)bytes, n, &size, &why);
}

#define WALK(literal) walk(literal, sizeof(literal) - 1)

static void bombs_are_refused(void **state)
{
    (void)state;
    assert_int_equal(WALK("\xdd\x10\x00\x00\x00"), WALK_BAD); /* 2^28 items */
    assert_int_equal(WALK("\xdf\xff\xff\xff\xff"), WALK_BAD); /* 2^32 pairs */
    assert_int_equal(WALK("\xc6\xff\xff\xff\xff"), WALK_BAD); /* 4 GiB of bytes */
    assert_int_equal(WALK("\x92\xc6\x03\xff\xff\xff"), WALK_BAD);
    assert_int_equal(WALK("\xdd\x00\x10\x00\x01"), WALK_BAD); /* 2^20 + 1 items */
    assert_int_equal(WALK("\xdd\x00\x10\x00\x00"), WALK_MORE);
    assert_int_equal(WALK("\x91\x91\x91\x91\x91\x91\x91\x91\xc0"), WALK_BAD); /* 8 deep */
    assert_int_equal(WALK("\x91\x91\x91\x91\x91\x91\x91\xc0"), WALK_WHOLE);
    assert_int_equal(WALK("\xc1"), WALK_BAD);
    assert_int_equal(WALK("\xc7\x01\x01\x01"), WALK_BAD); /* an extension */
    assert_int_equal(WALK("\xd4\x01\x01"), WALK_BAD);
    assert_int_equal(WALK(""), WALK_MORE);
}

/* A length that begins just below the limit must not pass it unseen. */
static void the_limit_holds_at_its_edge(void **state)
{
    size_t n = FRAME_BYTES_MAX + 16, size, fill = FRAME_BYTES_MAX - 1 - 5 - 2;
    unsigned char *p = mem_new(n, 1);
    const char *why;

    (void)state;
    p[0] = 0x92;
    p[1] = 0xc6;
    for (int i = 0; i < 4; i++)
        p[2 + i] = (unsigned char)(fill >> (24 - 8 * i));
    memset(p + 6 + fill, 0xc6, 1);
    memset(p + 7 + fill, 0xff, 4);
    assert_int_equal(walk_object(p, n, &size, &why), WALK_BAD);
    memset(p + 6 + fill, 0xc0, 1);
    assert_int_equal(walk_object(p, n, &size, &why), WALK_WHOLE);
    assert_int_equal(size, fill + 7);
    free(p);
}

/* Where the walk says whole, msgpack-c agrees. */
static void random_bytes_never_harm(void **state)
{
    rng r = rng_keyed("walk test", 1, 0, 0);
    int whole = 0;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        size_t n = 1 + rng_below(&r, 40), size, at = 0;
        unsigned char *p = mem_resize(NULL, n, 1);
        const char *why;

        for (size_t k = 0; k < n; k++)
            p[k] = (unsigned char)(k == 0 ? 0x90 + rng_below(&r, 4) : rng_next(&r));
        if (walk_object(p, n, &size, &why) == WALK_WHOLE) {
            msgpack_zone zone;
            msgpack_object o;

            whole++;
            assert_true(size <= n);
            msgpack_zone_init(&zone, 1024);
            assert_true(msgpack_unpack((char *)p, size, &at, &zone, &o) >= 0);
            assert_int_equal(at, size);
            msgpack_zone_destroy(&zone);
        }
        free(p);
    }
    assert_true(whole > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_prefix_wants_more),
        cmocka_unit_test(bombs_are_refused),
        cmocka_unit_test(the_limit_holds_at_its_edge),
        cmocka_unit_test(random_bytes_never_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
