#include "stream/row_part.h"

#include "cli/cli.h"
#include "stream/cut_rows.h"
#include "stream/numbering.h"
#include "stream/store.h"
#include "util/error.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <xxhash.h>

#define PARTS_MAX 1000000

const char *row_part_share = NULL;
bool row_part_fragment = false;

static long share = 1, shares = 1; /* part share of shares, counted from 1 */

void row_part_parse(void)
{
    char *end;

    if (row_part_share && row_part_fragment)
        cli_mistake("--part and --fragment: one or the other");
    if (row_part_share) {
        share =
            strspn(row_part_share, "0123456789") ? strtol(row_part_share, &end, 10) : 0;
        shares = share > 0 && *end == '/' && strspn(end + 1, "0123456789")
                         ? strtol(end + 1, &end, 10) : 0;
        if (share < 1 || share > shares || shares > PARTS_MAX || *end)
            cli_mistake("--part: '%s' is not I/N with I from 1 to N", row_part_share);
    }
    cli_only |= row_part_share || row_part_fragment;
}

void row_part_open(struct filter *f)
{
    if (row_part_fragment)
        filter_accept_fragment_of_stdin(f);
}

/* Where the i-th of the shares begins, in blocks. */
static int64_t share_begin(int64_t blocks, long i)
{
    return blocks / shares * i + blocks % shares * i / shares;
}

bool row_part_has(struct filter *f, const char *name)
{
    const struct stored *s = filter_stored(f, name);

    return s && (!row_part_fragment || s->of_fragment);
}

struct row_part row_part_of(struct filter *f, const char *name, int64_t block)
{
    const struct stored *s = filter_stored(f, name);
    struct row_part p = { .all = s->rows };
    int64_t blocks, end;

    if (row_part_fragment) {
        p.first = s->first;
        p.count = stored_rows(s);
        if (p.first % block != 0)
            die("'%s' begins at row %lld, expected a multiple of %lld: cut it with "
                "stream-cat --rows %lld, or a multiple", name, (long long)p.first,
                (long long)block, (long long)block);
        return p;
    }
    blocks = (p.all + block - 1) / block;
    p.first = p.at = share_begin(blocks, share - 1) * block;
    end = share_begin(blocks, share) * block;
    p.count = (end < p.all ? end : p.all) - p.first;
    return p;
}

const char *row_part_digest(struct filter *f, const char *name, char text[DIGEST_TEXT])
{
    const struct stored *s = filter_stored(f, name);
    const char *whole = stored_attr(s, CUT_WHOLE);

    if (s->first == 0 && stored_rows(s) == s->rows)
        return tensor_digest_text(&s->tensor, text);
    if (!whole || strlen(whole) != DIGEST_TEXT - 1)
        die("'%s' is a part without a digest of the whole: cut it with stream-cat --rows",
            name);
    return strcpy(text, whole);
}

/* XXH3-64 of a word after those before it. */
static uint64_t add_word(uint64_t before, const char *word)
{
    return XXH3_64bits_withSeed(word, strlen(word) + 1, before);
}

static void add_option(const char *name, const char *value, void *digest)
{
    uint64_t *d = digest;

    *d = add_word(add_word(*d, name), value);
}

/* The history has a model's name without its folder: its size tells others of that
 * name. */
static uint64_t of_files;

static void add_file_size(const char *kind, const char *text)
{
    struct stat file;
    char size[32];

    if (strcmp(kind, "file") != 0 || stat(text, &file) != 0 || !S_ISREG(file.st_mode))
        return;
    snprintf(size, sizeof size, "%jd", (intmax_t)file.st_size);
    of_files = add_word(of_files, size);
}

/* What a whole tensor or text holds, with its attributes; parts of one may come to this
 * filter in any cut. */
static uint64_t of_kept(const struct stored *s)
{
    char value[NUMBERING_VALUE];
    uint64_t d = add_word(0, s->name);

    if (s->is_text)
        d = add_word(d, numbering_of_texts(&s->texts, value));
    else
        d = add_word(d, tensor_digest_text(&s->tensor, value));
    for (const struct attr *a = s->attrs; a && a->key; a++)
        d = add_word(add_word(d, a->key), a->value);
    return d;
}

/* The digest of a run: program, version, seed, the options that the history has, the
 * sizes of the files that they name, and all that f has kept but fragments, whatever
 * its order. */
static void digest_run(struct filter *f, char text[DIGEST_TEXT])
{
    uint64_t d = add_word(cli_has_seed() ? cli_seed : 0, filter_name), kept = 0;
    const char *name;

    d = add_word(d, MILLRACE_VERSION);
    cli_each_option(add_option, &d);
    of_files = 0;
    cli_tell(add_file_size);
    for (int i = 0; (name = filter_kept_name(f, i)); i++)
        if (!filter_stored(f, name)->of_fragment)
            kept += of_kept(filter_stored(f, name));
    digest_text(d ^ of_files ^ kept, text);
}

/* The rows, with ROW_PART_RUN beside the other attributes. */
static void put_rows(struct filter *f, const struct row_part *p, const char *name,
                     const struct tensor *t, const struct attr *attrs)
{
    enum { MOST = 16 };
    struct attr list[MOST + 2] = { { NULL, NULL } };
    char run[DIGEST_TEXT];
    int n = 0;

    for (; attrs && attrs[n].key; n++) {
        assert(n < MOST);
        list[n] = attrs[n];
    }
    digest_run(f, run);
    list[n] = (struct attr){ ROW_PART_RUN, run };
    filter_put_part(f, &(struct series_out){ name, t, NULL, list }, 1, p->first, p->all);
}

void row_part_put(struct filter *f, const struct row_part *p, const char *name,
                  const struct tensor *t, const struct attr *attrs)
{
    struct series_out s = { name, t, NULL, attrs };

    if (p->count == p->all && (p->all > 0 || share == 1))
        filter_put_group(f, &s, 1);
    else if (p->count > 0)
        put_rows(f, p, name, t, attrs);
}
