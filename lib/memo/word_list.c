#include "memo/word_list.h"

#include "util/mem.h"

#include <stdlib.h>

void word_list_push(struct word_list *w, const char *word)
{
    char *copy = mem_string(word);

    if (w->n > 0)
        w->n--; /* over the NULL */
    MEM_PUSH(w->list, w->n, w->room, copy);
    MEM_PUSH(w->list, w->n, w->room, NULL);
}

int word_list_count(const struct word_list *w)
{
    return w->n > 0 ? w->n - 1 : 0;
}

void word_list_free(struct word_list *w)
{
    for (int i = 0; i < word_list_count(w); i++)
        free(w->list[i]);
    free(w->list);
    *w = (struct word_list){ 0 };
}
