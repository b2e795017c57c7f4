#include "text/tokenizer_parts.h"

#include <string.h>

void tokenizer_add(tokenizer *t, const char *text, struct added_token a)
{
    if (runes_read(&a.text, text, strlen(text)) && a.text.n > 0)
        MEM_PUSH(t->added, t->addeds, t->added_room, a);
}

static int find_in_model(const tokenizer *t, const char *text, const struct runes *r)
{
    switch (t->model) {
    case MODEL_WORDPIECE:
        return vocab_find(&t->wordpiece.vocab, text, strlen(text));
    case MODEL_UNIGRAM:
        return trie_find(&t->unigram.pieces, r->c, r->n);
    case MODEL_BPE:
        break;
    }
    for (int i = 0; i < bpe_tokens(t->bpe); i++) { /* few are asked for */
        struct bpe_text token = bpe_token(t->bpe, i);

        if (token.size == strlen(text) && memcmp(token.data, text, token.size) == 0)
            return i;
    }
    return -1;
}

int tokenizer_find(const tokenizer *t, const char *text)
{
    struct runes r = { 0 };
    int id = -1;

    runes_read(&r, text, strlen(text));
    for (long i = 0; i < t->addeds; i++)
        if (t->added[i].text.n == r.n
            && memcmp(t->added[i].text.c, r.c, (size_t)r.n * sizeof *r.c) == 0)
            id = t->added[i].id;
    if (id < 0)
        id = find_in_model(t, text, &r);
    runes_free(&r);
    return id;
}

int tokenizer_put_around(const tokenizer *t, struct token_list *list, const char *path,
                         const char *text, struct error *e)
{
    int id = text ? tokenizer_find(t, text) : -1;

    if (id < 0)
        return fail(e, "%s: no token '%s', which every text gets", path,
                    text ? text : "?");
    token_list_add(list, id);
    return 0;
}
