#include "nn/checkpoint_options.h"

#include "ranks/ranks.h"
#include "util/clock.h"
#include "util/error.h"
#include "util/file.h"
#include "util/file_write.h"
#include "util/progress.h"

enum { SECONDS_BETWEEN = 5 };

void checkpoint_options_check(const struct checkpoint_options *k)
{
    if ((k->resume || k->stop_after > 0) && !k->path)
        cli_mistake("--%s needs --checkpoint FILE", k->resume ? "resume" : "stop-after");
    cli_needs("checkpoint-every", k->path != NULL, "--checkpoint FILE");
    if (k->path && *k->path && !k->resume && ranks_first() && file_exists(k->path) &&
        file_write_replaces(k->path))
        die("%s: is there already: --resume goes on with it, another --checkpoint FILE "
            "starts anew", k->path);
}

/* Whether training goes on from the file, which is read. */
static bool resumed(struct checkpoint_options *k)
{
    struct error e;

    if (!k->resume)
        return false;
    if (!file_exists(k->path)) {
        say("%s: not there yet, training from the start", k->path);
        return false;
    }
    if (checkpoint_load(k->path, &k->checkpoint, &e) < 0)
        die("%s", e.text);
    return true;
}

bool checkpoint_options_begin(struct checkpoint_options *k, const struct checkpoint *what)
{
    bool going_on;

    k->checkpoint = *what;
    k->saved = clock_seconds();
    ranks_agree_on("inputs or options", what->digest);
    ranks_spread(&k->stop_after, sizeof k->stop_after); /* all stop, or none */
    going_on = ranks_first() && resumed(k);
    ranks_spread(&going_on, sizeof going_on);
    for (int i = 0; going_on && i < what->count; i++)
        ranks_spread(what->sections[i].data, what->sections[i].bytes);
    return going_on;
}

void checkpoint_options_save(struct checkpoint_options *k)
{
    struct error e;

    if (k->path && ranks_first() && checkpoint_save(k->path, &k->checkpoint, &e) < 0)
        die("%s", e.text);
    k->saved = clock_seconds();
}

void checkpoint_options_save_sometimes(struct checkpoint_options *k, long at)
{
    if (k->every > 0 ? at % k->every == 0 : clock_seconds() >= k->saved + SECONDS_BETWEEN)
        checkpoint_options_save(k);
}

void checkpoint_options_stop(struct checkpoint_options *k, const char *unit, long at)
{
    checkpoint_options_save(k);
    ranks_wait();
    progress_end();
    die("stopped after %s %ld as asked; --resume goes on from %s", unit, at,
        k->path ? k->path : "the checkpoint");
}
