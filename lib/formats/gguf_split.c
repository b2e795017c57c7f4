/* Models in several GGUF files, NAME-00001-of-00003.gguf and so on: llama.cpp's
 * gguf-split.  All keys are in the first; each has split.no, split.count and
 * split.tensors.count, the number in all. */
#include "formats/gguf.h"

#include "formats/gguf_parts.h"
#include "util/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ENDING = sizeof "-00001-of-00003.gguf" - 1, MOST_PARTS = 99999 };

static int count_parts(const struct gguf *g, uint32_t *count, struct error *e)
{
    *count = 1;
    if (!gguf_has(g, "split.count"))
        return 0;
    if (gguf_u32(g, "split.count", count, e) < 0)
        return -1;
    return *count <= MOST_PARTS ? 0
                                : fail(e, "%s: split.count is %u: expected at most %d",
                                       gguf_path(g), *count, MOST_PARTS);
}

/* The path without its ending, new; NULL and the reason where that is another. */
static char *prefix_of(const char *path, uint32_t count, struct error *e)
{
    size_t n = strlen(path);
    unsigned part = 0, of = 0;
    int used = 0;

    if (n > ENDING
        && sscanf(path + n - ENDING, "-%5u-of-%5u.gguf%n", &part, &of, &used) == 2
        && used == ENDING && of == count)
        return mem_format("%.*s", (int)(n - ENDING), path);
    fail(e,
         "%s: one of %u parts of a model: expected a name like NAME-00001-of-%05u.gguf",
         path, count, count);
    return NULL;
}

/* Part `no` from 0, whose keys say the same. */
static struct gguf *open_part(const char *prefix, uint32_t no, uint32_t count,
                              struct error *e)
{
    char *path = mem_format("%s-%05u-of-%05u.gguf", prefix, no + 1, count);
    struct gguf *g = gguf_open_one(path, e);
    uint32_t said = 0, of = 0;

    free(path);
    if (!g)
        return NULL;
    if (gguf_u32(g, "split.no", &said, e) == 0 && gguf_u32(g, "split.count", &of, e) == 0
        && (said != no || of != count))
        fail(e, "%s: says that it is part %u of %u: expected %u of %u", gguf_path(g),
             said + 1, of, no + 1, count);
    else if (said == no && of == count)
        return g;
    gguf_close(g);
    return NULL;
}

/* The part's tensors come behind those of g, which closes it. */
static void add_part(struct gguf *g, struct gguf *part)
{
    g->tensor = mem_resize(g->tensor, g->tensors + part->tensors, sizeof *g->tensor);
    if (part->tensors > 0)
        memcpy(g->tensor + g->tensors, part->tensor, part->tensors * sizeof *g->tensor);
    g->tensors += part->tensors;
    part->next = g->next;
    g->next = part;
}

static int add_parts(struct gguf *g, const char *prefix, uint32_t count, struct error *e)
{
    int32_t all = -1;

    for (uint32_t no = 1; no < count; no++) {
        struct gguf *part = open_part(prefix, no, count, e);

        if (!part)
            return -1;
        add_part(g, part);
    }
    if (gguf_has(g, "split.tensors.count")
        && gguf_i32(g, "split.tensors.count", &all, e) < 0)
        return -1;
    if (all >= 0 && (size_t)all != g->tensors)
        return fail(e, "%s: %d tensors announced, its %u parts hold %zu", gguf_path(g),
                    all, count, g->tensors);
    return gguf_sort_tensors(g, e) < 0 ? fail_in(e, "%s", gguf_path(g)) : 0;
}

struct gguf *gguf_open(const char *path, struct error *e)
{
    struct gguf *g = gguf_open_one(path, e);
    uint32_t count;
    char *prefix;
    int done = -1;

    if (!g)
        return NULL;
    if (count_parts(g, &count, e) == 0 && count <= 1)
        return g;
    prefix = count > 1 && count <= MOST_PARTS ? prefix_of(path, count, e) : NULL;
    gguf_close(g);
    g = prefix ? open_part(prefix, 0, count, e) : NULL;
    if (g)
        done = add_parts(g, prefix, count, e);
    free(prefix);
    if (done < 0) {
        gguf_close(g);
        return NULL;
    }
    return g;
}
