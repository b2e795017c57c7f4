#include "nn/checkpoint_options.h"

#include "util/clock.h"
#include "util/error.h"
#include "util/file.h"
#include "util/progress.h"

enum { SECONDS_BETWEEN = 5 };

void checkpoint_options_check(const struct checkpoint_options *k)
{
    if ((k->resume || k->stop_after > 0) && !k->path)
        cli_mistake("--%s needs --checkpoint FILE", k->resume ? "resume" : "stop-after");
}

bool checkpoint_options_begin(struct checkpoint_options *k, const struct checkpoint *what)
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

void checkpoint_options_save(struct checkpoint_options *k)
{
    struct error e;

    if (k->path && checkpoint_save(k->path, &k->checkpoint, &e) < 0)
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
    progress_end();
    die("stopped after %s %ld as asked; --resume goes on from %s", unit, at, k->path);
}
