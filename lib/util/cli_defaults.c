/* Where options begin: presets, and whether they are still there. */
#include "util/cli_parts.h"

#include "util/error.h"

#include <assert.h>
#include <string.h>

enum { OPTIONS = 96, VALUE = 64 };

static char defaults[OPTIONS][VALUE];

const struct opt *option_find(const char *name, size_t length)
{
    const struct opt *o;

    for (int i = 0; (o = option_at(i)); i++)
        if (strlen(o->name) == length && strncmp(o->name, name, length) == 0)
            return o;
    return NULL;
}

bool option_settings(const struct preset *p, const char *name)
{
    while (p && p->name && strcmp(p->name, name) != 0)
        p++;
    if (!p || !p->name)
        return false;
    for (int i = 0; p->settings[i]; i++) {
        const char *equals = strchr(p->settings[i], '=');
        const struct opt *o = option_find(p->settings[i], (size_t)(equals - p->settings[i]));

        if (!o)
            die("preset %s names no option: %s", name, p->settings[i]);
        option_set(o, equals + 1);
    }
    return true;
}

void option_keep_defaults(void)
{
    const struct opt *o;

    for (int i = 0; (o = option_at(i)) && i < OPTIONS; i++)
        option_format(o, defaults[i], VALUE);
}

bool cli_changed(const char *name)
{
    const struct opt *o = option_find(name, strlen(name));
    char value[VALUE];

    assert(o);
    option_format(o, value, VALUE);
    return strcmp(value, defaults[o - option_at(0)]) != 0;
}
