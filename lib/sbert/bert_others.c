#include "sbert/bert_parts.h"

#include <stdlib.h>
#include <string.h>

/* What is behind the part's name in a tensor's: NULL where it is not of this part of a
 * layer that there is. */
static const char *behind_part(const char *name, const char *pattern, int layers)
{
    const char *mark = strstr(pattern, "%d");
    size_t lead = mark ? (size_t)(mark - pattern) : strlen(pattern);
    char *end;
    long layer;

    if (lead == 0 || strncmp(name, pattern, lead) != 0)
        return NULL;
    if (!mark)
        return name + lead;
    layer = strtol(name + lead, &end, 10);
    if (end == name + lead || layer < 0 || layer >= layers
        || strncmp(end, mark + 2, strlen(mark + 2)) != 0)
        return NULL;
    return end + strlen(mark + 2);
}

/* Does bert_load read it?  name: without the prefix. */
static bool is_read(const struct bert_loading *l, const struct bert *b, const char *name)
{
    static const char *const ends[] = { ".weight", ".bias", ".gamma", ".beta" };

    for (int w = BERT_WORD; w < BERT_NAMES; w++) {
        const char *end = behind_part(name, l->of.name[w], b->layers);

        if (!end || (w == BERT_PLACE && l->of.positions == BERT_ROTARY))
            continue;
        for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
            if (!strcmp(end, ends[i]))
                return true;
    }
    return false;
}

/* Does the name begin with the first word of the pattern ("encoder.")? */
static bool begins_as(const char *name, const char *pattern)
{
    size_t n = strcspn(pattern, ".");

    return pattern[n] == '.' && strncmp(name, pattern, n + 1) == 0;
}

int bert_others_refuse(const struct bert_loading *l, const struct bert *b)
{
    size_t lead = strlen(l->prefix);
    const struct safetensor *t;

    for (long i = 0; (t = hf_at(l->folder, i)); i++) {
        const char *name = t->name + lead;

        if (strncmp(t->name, l->prefix, lead) != 0 || hf_is_spare(t)
            || (!begins_as(name, l->of.name[BERT_WORD])
                && !begins_as(name, l->of.name[BERT_OUT])))
            continue;
        if (!is_read(l, b, name))
            return fail(l->e, "%s: tensor '%s' has no place in a %s of %d layers",
                        hf_path(l->folder), t->name, l->of.model_type, b->layers);
    }
    return 0;
}
