#include "nn/checkpoint.h"

#include "cli/cli.h"
#include "cli/option_text.h"
#include "util/file.h"
#include "util/file_write.h"
#include "util/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { TITLE = 64, NAME = 32, HEAD = TITLE + 16 };

#define MAGIC "millrace checkpoint 1\n"

static void put(unsigned char **at, const void *data, size_t bytes)
{
    if (bytes > 0)
        memcpy(*at, data, bytes);
    *at += bytes;
}

static void put_u64(unsigned char **at, uint64_t v)
{
    for (int i = 0; i < 8; i++)
        *(*at)++ = (unsigned char)(v >> 8 * i);
}

static uint64_t get_u64(const unsigned char *at)
{
    uint64_t v = 0;

    for (int i = 0; i < 8; i++)
        v |= (uint64_t)at[i] << 8 * i;
    return v;
}

struct digested {
    XXH3_state_t *state;
    const char *const *except;
};

static void digest_option(const char *name, const char *value, void *data)
{
    struct digested *d = data;

    if (option_text_skips(name, d->except))
        return;
    XXH3_64bits_update(d->state, name, strlen(name) + 1);
    XXH3_64bits_update(d->state, value, strlen(value) + 1);
}

uint64_t checkpoint_digest(uint64_t inputs, const char *const *except)
{
    struct digested d = { XXH3_createState(), except };
    uint64_t result;

    XXH3_64bits_reset(d.state);
    XXH3_64bits_update(d.state, &inputs, sizeof inputs);
    XXH3_64bits_update(d.state, &cli_seed, sizeof cli_seed);
    cli_each_option(digest_option, &d);
    result = XXH3_64bits_digest(d.state);
    XXH3_freeState(d.state);
    return result;
}

/* The size of the file without the options. */
static size_t file_size(const struct checkpoint *c)
{
    size_t bytes = HEAD + 8;

    for (int i = 0; i < c->count; i++)
        bytes += NAME + 8 + c->sections[i].bytes;
    return bytes;
}

/* Title and name stand in zero-padded fields. */
static void field(char *text, size_t size, const char *first, const char *second)
{
    memset(text, 0, size);
    snprintf(text, size, "%s%s", first, second);
}

int checkpoint_save(const char *path, const struct checkpoint *c, struct error *e)
{
    char *options = option_text(c->except), text[TITLE];
    size_t bytes = file_size(c) + strlen(options);
    unsigned char *image = mem_new(bytes, 1), *at = image;
    struct file_write file;
    int status = -1;

    field(text, TITLE, MAGIC, c->trainer);
    put(&at, text, TITLE);
    put_u64(&at, c->digest);
    put_u64(&at, (uint64_t)c->count);
    for (int i = 0; i < c->count; i++) {
        field(text, NAME, c->sections[i].name, "");
        put(&at, text, NAME);
        put_u64(&at, c->sections[i].bytes);
        put(&at, c->sections[i].data, c->sections[i].bytes);
    }
    put(&at, options, strlen(options));
    put_u64(&at, XXH3_64bits(image, bytes - 8));
    if (file_write_begin(&file, path, e) == 0) {
        /* A failed write is sticky in the FILE; commit reports it. */
        fwrite(image, 1, bytes, file.f);
        status = file_write_commit(&file, e);
    }
    free(image);
    free(options);
    return status;
}

/* The options in a file with a right checksum, behind its sections, as a new string. */
static char *options_of(const struct mapped *m)
{
    uint64_t count = get_u64(m->data + TITLE + 8);
    size_t at = HEAD, end = m->size - 8;

    for (; count > 0 && end - at >= NAME + 8; count--) {
        uint64_t bytes = get_u64(m->data + at + NAME);

        at += NAME + 8;
        at += bytes < end - at ? (size_t)bytes : end - at;
    }
    return mem_format("%.*s", (int)(end - at), (const char *)m->data + at);
}

/* The reason why the file is another training's. */
static int refuse_other(const struct mapped *m, const char *path,
                        const struct checkpoint *c, struct error *e)
{
    char *there = options_of(m), *now = option_text(c->except);
    char *change = option_text_change(there, now);

    free(there);
    free(now);
    fail(e,
         "%s: made with other inputs or options (%s); repeat them, or start anew with "
         "another file",
         path, change ? change : "the options are these, the inputs are not");
    free(change);
    return -1;
}

static int check_head(const struct mapped *m, const char *path,
                      const struct checkpoint *c, struct error *e)
{
    char title[TITLE];

    field(title, TITLE, MAGIC, c->trainer);
    if (m->size < HEAD + 8 || memcmp(m->data, MAGIC, strlen(MAGIC)) != 0)
        return fail(e, "%s: no checkpoint of millrace", path);
    if (memcmp(m->data, title, TITLE) != 0)
        return fail(e, "%s: a checkpoint of '%.*s', expected one of %s", path,
                    (int)(TITLE - strlen(MAGIC)), (const char *)m->data + strlen(MAGIC),
                    c->trainer);
    if (get_u64(m->data + m->size - 8) != XXH3_64bits(m->data, m->size - 8))
        return fail(e, "%s: cut short or damaged (checksum differs)", path);
    if (get_u64(m->data + TITLE) != c->digest)
        return refuse_other(m, path, c, e);
    return 0;
}

/* The sections' names and lengths must be the expected ones, in order. */
static int check_sections(const struct mapped *m, const char *path,
                          const struct checkpoint *c, struct error *e)
{
    size_t at = HEAD;

    if (m->size < file_size(c) || get_u64(m->data + TITLE + 8) != (uint64_t)c->count)
        return fail(e, "%s: %zu bytes, expected at least %zu", path, m->size,
                    file_size(c));
    for (int i = 0; i < c->count; i++) {
        const struct checkpoint_section *s = &c->sections[i];
        char name[NAME];

        field(name, NAME, s->name, "");
        if (memcmp(m->data + at, name, NAME) != 0 ||
            get_u64(m->data + at + NAME) != s->bytes)
            return fail(e, "%s: section %d is not '%s' of %zu bytes, as expected", path,
                        i, s->name, s->bytes);
        at += NAME + 8 + s->bytes;
    }
    return 0;
}

int checkpoint_load(const char *path, const struct checkpoint *c, struct error *e)
{
    struct mapped m;
    size_t at = HEAD;
    int status;

    if (file_map_own(&m, path, e) != 0)
        return -1;
    status = check_head(&m, path, c, e);
    if (status == 0)
        status = check_sections(&m, path, c, e);
    for (int i = 0; status == 0 && i < c->count; i++) {
        if (c->sections[i].bytes > 0)
            memcpy(c->sections[i].data, m.data + at + NAME + 8, c->sections[i].bytes);
        at += NAME + 8 + c->sections[i].bytes;
    }
    file_unmap(&m);
    return status;
}
