#include "nn/checkpoint_options.h"

#include "util/clock.h"
#include "util/error.h"
#include "util/file.h"
#include "util/progress.h"

enum { SECONDS_BETWEEN = 5 };

void keeper_check(const struct keeper *k)
{
    if ((k->resume || k->stop_after > 0) && !k->path)
        cli_mistake("--%s needs --checkpoint FILE", k->resume ? "resume" : "stop-after");
}

bool keeper_begin(struct keeper *k, const struct checkpoint *what)
{
    struct error e;

    k->checkpoint = *what;
    k->saved = clock_seconds();
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

void keeper_save(struct keeper *k)
{
    struct error e;

    if (k->path && checkpoint_save(k->path, &k->checkpoint, &e) < 0)
        die("%s", e.text);
    k->saved = clock_seconds();
}

void keeper_save_sometimes(struct keeper *k, long at)
{
    if (k->every > 0 ? at % k->every == 0 : clock_seconds() >= k->saved + SECONDS_BETWEEN)
        keeper_save(k);
}

void keeper_stop(struct keeper *k, const char *unit, long at)
{
    keeper_save(k);
    progress_end();
    die("stopped after %s %ld as asked; --resume goes on from %s", unit, at, k->path);
}
