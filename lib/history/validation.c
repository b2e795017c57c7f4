#include "history/validation.h"

#include "cli/cli.h"

#include <math.h>

bool validation_is_asked(const struct validation *v)
{
    return v->every > 0 && (cli_changed("valid-every") ||
                            (cli_changed("patience") && v->patience > 0));
}

void validation_check(const struct validation *v)
{
    if (cli_changed("patience") && v->patience > 0 && v->every == 0)
        cli_mistake("--patience needs --valid-every N");
    cli_needs("valid-users", v->every > 0, "--valid-every N");
}

int validation_begin(struct validation *v, bool there, struct error *e)
{
    if (there)
        return 0;
    if (validation_is_asked(v))
        return fail(e, "--valid-every: no user has a validation item: run data-split "
                       "first");
    v->every = 0;
    return 0;
}

bool validation_judge(struct validation_best *best, int64_t epoch, double worth)
{
    best->waited++;
    if (isnan(worth) || (best->epoch > 0 && worth <= best->worth))
        return false;
    *best = (struct validation_best){ .epoch = epoch, .worth = worth };
    return true;
}

bool validation_is_over(const struct validation *v, const struct validation_best *best)
{
    return v->every > 0 && v->patience > 0 && best->waited >= v->patience;
}
