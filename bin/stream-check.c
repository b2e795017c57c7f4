/* Verifies streams: every frame's checksum, no row missing, a whole end. */
#include "cli/cli.h"
#include "stream/reader.h"
#include "util/error.h"

static const struct cli cli = {
    .summary = "verify that streams are whole and undamaged",
    .usage = "[FILE...]",
    .example = "stream-check cf.mr align.mr && echo whole",
    .footer = "Status 0 where every stream is whole; otherwise 1, and a line for each\n"
              "that is not.",
};

/* Reads one stream to its end: 0, or 1 after saying what is wrong. */
static int check(const char *path)
{
    const struct frame *frame;
    struct error e;
    struct reader *r = reader_open(path, &e);
    int got;

    if (!r) {
        warn("%s", e.text);
        return 1;
    }
    while ((got = reader_next(r, &frame)) > 0)
        ;
    if (got < 0)
        warn("%s", reader_error(r));
    else
        say("%s: whole, %lld frames", reader_name(r), (long long)reader_frames(r));
    reader_close(r);
    return got < 0;
}

int main(int argc, char **argv)
{
    int first = cli_parse(argc, argv, &cli), bad = 0;

    if (first == argc)
        return check("-");
    for (int i = first; i < argc; i++)
        bad |= check(argv[i]);
    return bad ? STATUS_FAILED : STATUS_DONE;
}
