#include "stream/names_seen.h"

#include "stream/names.h"
#include "util/mem.h"
#include "util/near.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void names_seen_add(struct names_seen *s, const char *name)
{
    for (int i = s->count - 1; i >= 0; i--)
        if (strcmp(s->name[i], name) == 0)
            return;
    MEM_PUSH(s->name, s->count, s->room, mem_string(name));
}

static int check_pattern(const struct names_seen *s, const char *pattern, struct error *e)
{
    struct near near;

    near_begin(&near, pattern);
    for (int i = 0; i < s->count; i++) {
        if (name_matches(pattern, s->name[i]))
            return 0;
        near_offer(&near, s->name[i]);
    }
    fail(e, "no '%s' in the input", pattern);
    return near_end(e, &near);
}

int names_seen_check(const struct names_seen *s, const char *list, struct error *e)
{
    char *copy = mem_string(list ? list : ""), *rest = list ? copy : NULL, *pattern;
    int result = 0;

    while (result == 0 && (pattern = strsep(&rest, ",")))
        result = check_pattern(s, pattern, e);
    free(copy);
    return result;
}

void names_seen_free(struct names_seen *s)
{
    for (int i = 0; i < s->count; i++)
        free(s->name[i]);
    free(s->name);
    *s = (struct names_seen){ 0 };
}
