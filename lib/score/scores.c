#include "score/scores.h"

#include "util/error.h"
#include "util/mem.h"
#include "util/near.h"

#include <stdlib.h>
#include <string.h>

const char *scores_name(struct filter *f, const char *split, int i)
{
    char *prefix = mem_format("score.%s.", split);
    const char *name;

    for (int n = 0; (name = filter_kept_name(f, n)); n++)
        if (strncmp(name, prefix, strlen(prefix)) == 0 && i-- == 0)
            break;
    free(prefix);
    return name;
}

const char *scores_scorer(const char *name)
{
    return strchr(strchr(name, '.') + 1, '.') + 1;
}

bool scores_has(struct filter *f, const char *split)
{
    return scores_name(f, split, 0) != NULL;
}

void scores_needs(struct filter *f, const char *option, const char *scorer)
{
    const char *name;
    struct error e;
    struct near near;

    near_begin(&near, scorer);
    for (int i = 0; (name = filter_kept_name(f, i)); i++) {
        if (strncmp(name, "score.", 6) != 0 || !strchr(name + 6, '.'))
            continue;
        if (strcmp(scores_scorer(name), scorer) == 0)
            return;
        near_offer(&near, scores_scorer(name));
    }
    fail(&e, "no 'score.*.%s' in the input", scorer);
    near_end(&e, &near);
    die("--%s: %s%s", option, e.text, *near.found ? "" : ": run its scorer first");
}

static void check_digest(struct filter *f, const char *name, const struct tensor *item)
{
    const char *digest = filter_attr(f, name, "candidates");
    const char *by = filter_attr(f, name, "by");
    char want[DIGEST_TEXT];

    tensor_digest_text(item, want);
    if (!digest)
        warn("'%s' does not say which candidates it scored; taken for these", name);
    else if (strcmp(digest, want) != 0)
        die("'%s' scored candidates %s, but these are %s: run %s again", name, digest,
            want, by ? by : "its scorer");
}

const float *scores_take(struct filter *f, const char *name, const struct tensor *item)
{
    if (!filter_has(f, name))
        return NULL;
    check_digest(f, name, item);
    return filter_tensor_sized(f, name, DT_F4, item->shape[0], item->shape[1],
                               "cf-score")->data;
}
