/* Where names that are no paths are looked up. */
#include "util/file.h"

#include "util/error.h"
#include "util/mem.h"
#include "util/near.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The folder `up` folders above the running program's file, "" if unknown. */
static char *folder_above(int up)
{
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

    for (int i = 0; i < up; i++) {
        while (n > 0 && self[n - 1] != '/')
            n--;
        if (n > 0)
            n--;
    }
    return n > 0 ? mem_format("%.*s", (int)n, self) : mem_string("");
}

/* `samples` of the source tree that the program runs in, bin/NAME or
 * .build/MODE/bin/NAME; NULL for one that is installed. */
static char *source_samples(void)
{
    for (int up = 2; up <= 4; up += 2) {
        char *top = folder_above(up), *samples = file_join(top, "samples");
        char *script = file_join(samples, "fetch");
        bool here = *top && file_exists(script);

        free(script);
        free(top);
        if (here)
            return samples;
        free(samples);
    }
    return NULL;
}

/* millrace in the user's data folder (XDG), then in that of the installation. */
static char *installed_folders(void)
{
    const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    char *top = folder_above(2), *shared = mem_format("%s/share/millrace", top), *both;

    if (data && *data == '/')
        both = mem_format("%s/millrace:%s", data, shared);
    else if (home && *home)
        both = mem_format("%s/.local/share/millrace:%s", home, shared);
    else
        both = mem_string(shared);
    free(shared);
    free(top);
    return both;
}

/* The folders with colons between, and what fetches the samples into one of them. */
static char *default_folders(const char **fetch)
{
    char *samples = source_samples(), *folders;

    *fetch = samples ? "`make fetch`" : "millrace-fetch";
    if (!samples)
        return installed_folders();
    folders = file_join(samples, "fetched");
    free(samples);
    return folders;
}

/* "FOLDER/name" in the first of the folders that has it, or NULL and the reason. */
static char *find_in(const char *name, const char *folders, const char *fetch,
                     struct error *e)
{
    char *list = mem_string(folders), *rest = NULL, *found = NULL;
    struct near near;

    near_begin(&near, name);
    for (char *f = strtok_r(list, ":", &rest); f && !found;
         f = strtok_r(NULL, ":", &rest)) {
        found = file_join(f, name);
        if (!file_exists(found)) {
            free(found);
            found = NULL;
            near_offer_folder(&near, f);
        }
    }
    if (!found && strcmp(near.found, name) == 0)
        fail(e, "%s: a link in %s (MILLRACE_PATH) to what is not there", name, folders);
    else if (!found && near.found[0])
        fail(e, "%s: not here and not in %s (MILLRACE_PATH): did you mean %s?", name,
             folders, near.found);
    else if (!found)
        fail(e, "%s: not here and not in %s (MILLRACE_PATH): run %s, or give a path",
             name, folders, fetch);
    free(list);
    return found;
}

char *file_find(const char *name, struct error *e)
{
    const char *set = getenv("MILLRACE_PATH"), *fetch;
    char *folders, *found;

    if (!*name) {
        fail(e, "an empty name, expected that of a file or folder");
        return NULL;
    }
    if (file_exists(name))
        return mem_string(name);
    if (strchr(name, '/'))
        return file_find_hub(name, e);
    folders = default_folders(&fetch);
    found = find_in(name, set && *set ? set : folders, fetch, e);
    free(folders);
    return found;
}
