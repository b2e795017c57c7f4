/* Joins streams, and picks from them by name. */
#include "cli/cli.h"
#include "stream/cut_rows.h"
#include "stream/filter.h"
#include "stream/names.h"
#include "stream/names_seen.h"
#include "stream/rechunk.h"
#include "stream/store.h"
#include "util/error.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

static const char *pick = NULL, *drop = NULL;
static bool fragment = false;
static long cut_rows = 0;

static const struct opt options[] = {
    { OPT_STRING, 'p', "pick", &pick,
      "pass on only the tensors of these names: item.title, cf.*, a,b",
      .record = OPT_RECORD },
    { OPT_STRING, 'd', "drop", &drop, "pass on all tensors but those of these names",
      .record = OPT_RECORD },
    { OPT_FLAG, 0, "fragment", &fragment,
      "put parts that parallel --pipe made together, in their order",
      .record = OPT_LOCAL },
    { OPT_INT, 0, "rows", &cut_rows,
      "cut the picked tensors after every N rows, for parallel --pipe", 0, 1e15,
      .record = OPT_LOCAL },
    { OPT_END },
};

static const struct cli cli = {
    .summary = "join streams, and pick from them by name",
    .usage = "[FILE...]",
    .example = "stream-cat --pick 'item.*,user.id' data.mr cf.mr > some.mr",
    .options = options,
    .footer = "Where a name comes twice the later one counts.",
};

/* Names that were there, to say which pattern matched none. */
static struct names_seen seen;

static struct rechunk *recut;

/* The sums of heads written: every part may bring the same ones. */
static uint64_t *heads;
static int head_count, head_room;

static bool new_head(const struct frame *f)
{
    for (int i = 0; i < head_count; i++)
        if (heads[i] == f->sum)
            return false;
    MEM_PUSH(heads, head_count, head_room, f->sum);
    return true;
}

/* Puts the rows of parts together. */
static void put_together(struct writer *out, const struct frame *f)
{
    struct error e;

    if (f->kind == FRAME_HEAD) {
        if (new_head(f)) {
            if (recut)
                rechunk_flush(recut);
            writer_frame(out, f);
        }
        return;
    }
    if (!recut)
        recut = rechunk_new(out);
    if (rechunk_add(recut, f, &e) < 0)
        die("%s", e.text);
}

/* What is to be cut anew: it waits until its digests are known. */
static struct store cut;

static void keep_rows(struct writer *out, const struct frame *f)
{
    struct error e;

    if (f->kind == FRAME_HEAD)
        writer_frame(out, f);
    else if (store_add(&cut, f, &e) < 0)
        die("%s", e.text);
}

static void pass(struct writer *out, const struct frame *f)
{
    if (f->kind != FRAME_HEAD) {
        names_seen_add(&seen, f->name);
        if ((pick && !names_match(pick, f->name)) || names_match(drop, f->name))
            return;
    }
    (cut_rows ? keep_rows : fragment ? put_together : writer_frame)(out, f);
}

int main(int argc, char **argv)
{
    int first = cli_parse(argc, argv, &cli);
    struct filter *f;
    struct error e;

    if (cut_rows && fragment)
        cli_mistake("--rows and --fragment: one or the other");
    f = filter_open(argc, argv, first);

    filter_pass_with(f, pass);
    if (fragment) {
        filter_accept_fragments(f);
        if (!pick && !drop)
            filter_leave_no_head(f); /* as if the stream had never been in parts */
    }
    filter_read(f);
    if (recut && rechunk_finish(recut, &e) < 0)
        die("%s", e.text);
    if (fragment && seen.count == 0)
        die("the parts hold no rows");
    if (cut_rows)
        cut_rows_put(f, &cut, cut_rows);
    if (names_seen_check(&seen, pick, &e) < 0)
        die("--pick: %s", e.text);
    if (names_seen_check(&seen, drop, &e) < 0)
        die("--drop: %s", e.text);
    filter_close(f);
    names_seen_free(&seen);
    free(heads);
    store_free(&cut);
    return STATUS_DONE;
}
