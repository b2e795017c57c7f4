/* Options that do nothing by themselves. */
#include "cli/cli.h"

void cli_needs(const char *option, bool there, const char *what)
{
    if (!there && cli_changed(option))
        cli_mistake("--%s needs %s", option, what);
}

void cli_needs_none(const char *const *options, const char *beside)
{
    for (; *options; options++)
        if (cli_changed(*options))
            cli_mistake("%s makes no use of --%s", beside, *options);
}
