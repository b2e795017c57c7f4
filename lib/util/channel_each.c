#include "util/channel_each.h"

#include <errno.h>
#include <string.h>

static int use_file(const char *path, channel_use *use, void *data, struct error *e)
{
    const char *name = strcmp(path, "-") == 0 ? "<stdin>" : path;
    struct channel in;
    int result;

    channel_read(&in, path);
    if (!in.f)
        return fail(e, "%s: %s", path, strerror(errno));
    result = use(&in, name, data, e);
    if (channel_close(&in) != 0 && result == 0)
        result = fail(e, "%s: %s", name, channel_reason(&in));
    return result;
}

int channel_each(char *const *path, int count, channel_use *use, void *data,
                 struct error *e)
{
    int result = count == 0 ? use_file("-", use, data, e) : 0;

    for (int i = 0; i < count && result == 0; i++)
        result = use_file(path[i], use, data, e);
    return result;
}
