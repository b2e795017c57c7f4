#include "util/path.h"

#include "util/mem.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINKS_MOST = 40, LINK_MOST = 4096 };

const char *path_base(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash && slash[1] ? slash + 1 : path;
}

char *path_folder(const char *path)
{
    const char *slash = strrchr(path, '/');

    if (!slash)
        return mem_string(".");
    return slash == path ? mem_string("/")
                         : mem_format("%.*s", (int)(slash - path), path);
}

/* What the link says, as a path from here; NULL where it is none, or one of the kernel's
 * whose words are no path ("pipe:[9]"). */
static char *link_text(const char *path)
{
    char text[LINK_MOST], *folder, *joined;
    ssize_t n = readlink(path, text, sizeof text - 1);

    if (n <= 0 || (size_t)n == sizeof text - 1)
        return NULL;
    text[n] = 0;
    if (*text == '/')
        return mem_string(text);
    folder = path_folder(path);
    joined = mem_format("%s/%s", folder, text);
    free(folder);
    return joined;
}

char *path_target(const char *path)
{
    char *at = mem_string(path), *next;
    int fd;

    for (int i = 0; i < LINKS_MOST && !path_descriptor(at, &fd); i++) {
        if (!(next = link_text(at)))
            break;
        free(at);
        at = next;
    }
    return at;
}

char *path_name(const char *path)
{
    size_t n = strlen(path);
    char *part, *real, *name;

    while (n > 1 && path[n - 1] == '/')
        n--;
    part = mem_format("%.*s", (int)n, path);
    if (strcmp(path_base(part), ".") != 0 && strcmp(path_base(part), "..") != 0)
        real = NULL;
    else
        real = realpath(part, NULL);
    name = mem_string(path_base(real ? real : part));
    free(real);
    free(part);
    return name;
}

bool path_descriptor(const char *path, int *fd)
{
    char *folder = path_folder(path), *real = realpath(folder, NULL), *end;
    char *ours = mem_format("/proc/%d/fd", (int)getpid());
    const char *base = path_base(path);
    bool found = real && strcmp(real, ours) == 0 && *base >= '0' && *base <= '9';

    *fd = found ? (int)strtol(base, &end, 10) : -1;
    free(folder);
    free(real);
    free(ours);
    return found && !*end;
}
