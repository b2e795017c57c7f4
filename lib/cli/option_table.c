#include "cli/option_table.h"

#include <assert.h>
#include <string.h>

enum { VALUE = 64 };

static struct opt table[OPTIONS_MAX];
static int table_size;
static const char *headings[OPTIONS_MAX], *heading;
static bool has_headings;
static char defaults[OPTIONS_MAX][VALUE];

void option_table_clear(void)
{
    table_size = 0;
    heading = NULL;
    has_headings = false;
}

void option_table_add(struct opt o)
{
    if (o.type == OPT_GROUP) {
        heading = o.name;
        has_headings = true;
        return;
    }
    if (table_size == OPTIONS_MAX)
        die("too many options");
    headings[table_size] = heading;
    heading = NULL;
    table[table_size++] = o;
}

const char *option_heading(int i)
{
    return headings[i];
}

bool option_has_headings(void)
{
    return has_headings;
}

const struct opt *option_at(int i)
{
    return i < table_size ? &table[i] : NULL;
}

int option_index(const struct opt *o)
{
    return (int)(o - table);
}

const struct opt *option_find(const char *name, size_t length)
{
    for (int i = 0; i < table_size; i++)
        if (strlen(table[i].name) == length && strncmp(table[i].name, name, length) == 0)
            return &table[i];
    return NULL;
}

const struct opt *option_of_setting(const char *setting, const char **value)
{
    const char *equals = strchr(setting, '=');

    *value = equals + 1;
    return option_find(setting, (size_t)(equals - setting));
}

bool option_settings(const struct preset *p, const char *name)
{
    struct error e;

    while (p && p->name && strcmp(p->name, name) != 0)
        p++;
    if (!p || !p->name)
        return false;
    for (int i = 0; p->settings[i]; i++) {
        const char *value;
        const struct opt *o = option_of_setting(p->settings[i], &value);

        if (!o)
            die("preset %s names no option: %s", name, p->settings[i]);
        if (option_set(o, value, &e) < 0)
            die("preset %s: %s", name, e.text);
    }
    return true;
}

void option_keep_defaults(void)
{
    for (int i = 0; i < table_size; i++)
        option_format(&table[i], defaults[i], VALUE);
}

bool option_changed(const char *name)
{
    const struct opt *o = option_find(name, strlen(name));
    char value[VALUE];

    assert(o);
    option_format(o, value, VALUE);
    return strcmp(value, defaults[option_index(o)]) != 0;
}
