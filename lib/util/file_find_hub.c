/* Models that Hugging Face's tools have downloaded: "HuggingFaceTB/SmolLM2-135M". */
#include "util/file.h"

#include "util/mem.h"
#include "util/near.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* HF_HUB_CACHE, or "hub" in HF_HOME, or in the user's cache folder (XDG). */
static char *cache_folder(void)
{
    const char *cache = getenv("HF_HUB_CACHE"), *home = getenv("HF_HOME");
    const char *xdg = getenv("XDG_CACHE_HOME"), *user = getenv("HOME");

    if (cache && *cache)
        return mem_string(cache);
    if (home && *home)
        return file_join(home, "hub");
    if (xdg && *xdg)
        return file_join(xdg, "huggingface/hub");
    return mem_format("%s/.cache/huggingface/hub", user ? user : "");
}

/* The first line of a file, or NULL. */
static char *first_line(const char *path)
{
    char line[256] = "";
    FILE *f = fopen(path, "r");
    bool there = f && fgets(line, sizeof line, f);

    if (f)
        fclose(f);
    line[strcspn(line, "\r\n")] = '\0';
    return there && *line && !strchr(line, '/') && *line != '.' ? mem_string(line) : NULL;
}

/* The snapshot that the model's branch main points to, or NULL. */
static char *snapshot_of(const char *folder)
{
    char *ref = file_join(folder, "refs/main"), *commit = first_line(ref), *found = NULL;

    if (commit)
        found = mem_format("%s/snapshots/%s", folder, commit);
    free(ref);
    free(commit);
    return found;
}

/* Is it two words with a slash between, and perhaps a file of the model's behind them? */
static bool is_hub_name(const char *name, size_t *owner, size_t *model)
{
    *owner = strcspn(name, "/");
    *model = name[*owner] ? strcspn(name + *owner + 1, "/") : 0;
    return *owner > 0 && *model > 0 && *name != '.' && *name != '~';
}

/* Are the name's first letters, so many, a folder here? */
static bool is_folder(const char *name, size_t letters)
{
    char *folder = mem_format("%.*s", (int)letters, name);
    bool is = file_is_folder(folder);

    free(folder);
    return is;
}

/* What the folder has instead of the name: the file packed, or a name near to it. */
static void fail_here(const char *name, struct error *e)
{
    static const char *const packed[] = { ".gz", ".zst", ".xz" };
    const char *base = file_base(name);
    char *folder = mem_format("%.*s", (int)(base - name), name), *other = NULL;
    struct near near;

    near_begin(&near, base);
    near_offer_folder(&near, folder);
    for (size_t i = 0; i < sizeof packed / sizeof *packed && !other; i++) {
        other = mem_format("%s%s", name, packed[i]);
        if (!file_exists(other)) {
            free(other);
            other = NULL;
        }
    }
    if (!other && *near.found)
        other = mem_format("%s%s", folder, near.found);
    if (other)
        fail(e, "%s: No such file or directory: did you mean %s?", name, other);
    else
        fail(e, "%s: No such file or directory", name);
    free(folder);
    free(other);
}

char *file_find_hub(const char *name, struct error *e)
{
    size_t owner, model;
    char *cache, *folder, *snapshot, *found;

    if (!is_hub_name(name, &owner, &model)) {
        fail_here(name, e);
        return NULL;
    }
    cache = cache_folder();
    folder = mem_format("%s/models--%.*s--%.*s", cache, (int)owner, name, (int)model,
                        name + owner + 1);
    snapshot = snapshot_of(folder);
    found = snapshot ? mem_format("%s%s", snapshot, name + owner + 1 + model) : NULL;
    if (!found || !file_exists(found)) {
        free(found);
        found = NULL;
    }
    if (!found && is_folder(name, owner))
        fail_here(name, e);
    else if (!found)
        fail(e,
             "%s: No such file or directory here, and not in Hugging Face's cache (%s)",
             name, cache);
    free(cache);
    free(folder);
    free(snapshot);
    return found;
}
