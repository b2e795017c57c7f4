#include "history/label_set.h"

#include "util/error.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

void label_set_take(struct label_set *s, struct filter *f, const char *name,
                    int64_t users)
{
    char *user = mem_format("cand.%s.user", name),
         *text = mem_format("cand.%s.text", name);
    const struct tensor *t = filter_tensor(f, user, DT_I4, 1, "label-count");
    const char *digest = filter_attr(f, user, "set");

    s->label = filter_texts(f, text, "label-count");
    if (!digest || strlen(digest) != DIGEST_TEXT - 1)
        die("'%s' does not say of what set it is: run label-count again", user);
    strcpy(s->digest, digest);
    s->part = row_part_of(f, user, 1);
    s->user = (const int32_t *)t->data + s->part.at;
    for (int64_t i = 0; i < s->part.count; i++)
        if (s->user[i] < 0 || s->user[i] >= users)
            die("'%s': row %lld: user %d, expected 0 to %lld", user, (long long)i,
                s->user[i], (long long)users - 1);
    free(user);
    free(text);
}
