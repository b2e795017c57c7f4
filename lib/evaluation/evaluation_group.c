/* Groups of the users of an evaluation, and its notes. */
#include "evaluation/evaluation.h"
#include "util/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

bool evaluation_in_group(const struct evaluation *v, int64_t u, int g)
{
    return g == 0 || (v->group_of && v->group_of[u] == g);
}

static void add_group(struct evaluation *v, const char *name, int64_t users)
{
    v->group = mem_resize(v->group, (size_t)v->groups + 1, sizeof *v->group);
    v->group[v->groups++] = (struct group){ .name = mem_string(name), .users = users };
}

void evaluation_group(struct evaluation *v, const int *of, const char *const *name,
                      int count)
{
    int *number = mem_new((size_t)count + 1, sizeof *number); /* of each group's row */
    int64_t *users = mem_new((size_t)count + 1, sizeof *users);

    add_group(v, "", v->users);
    for (int64_t u = 0; u < v->users && of; u++)
        if (of[u] >= 0)
            users[of[u]]++;
    for (int g = 0; g < count; g++) {
        if (users[g] == 0)
            continue;
        number[g] = v->groups;
        add_group(v, name[g], users[g]);
    }
    if (of)
        v->group_of = mem_new((size_t)v->users, sizeof *v->group_of);
    for (int64_t u = 0; u < v->users && of; u++)
        v->group_of[u] = of[u] >= 0 ? number[of[u]] : 0;
    free(number);
    free(users);
}

void evaluation_note(struct evaluation *v, const char *format, ...)
{
    va_list args;
    char *text;
    int length;

    va_start(args, format);
    length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    text = mem_new((size_t)length + 1, 1);
    va_start(args, format);
    vsnprintf(text, (size_t)length + 1, format, args);
    va_end(args);
    v->note = mem_resize(v->note, (size_t)v->notes + 1, sizeof *v->note);
    v->note[v->notes++] = text;
}
