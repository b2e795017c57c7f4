/* A list of words, as execv takes it. */
#ifndef MEMO_WORD_LIST_H
#define MEMO_WORD_LIST_H

/* Begins as { 0 }. */
struct word_list {
    char **list; /* closed by NULL; owned; NULL where there are none */
    int n, room;
};

/* Adds a copy of the word. */
void word_list_push(struct word_list *w, const char *word);

/* Returns the number of words, without the NULL. */
int word_list_count(const struct word_list *w);
void word_list_free(struct word_list *w);

#endif
