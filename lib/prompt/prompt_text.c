#include "prompt/prompt_text.h"

#include "util/error.h"
#include "util/escape.h"
#include "util/mem.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Lines on their way out. */
struct lines {
    FILE *out;
    const char *begin;
    bool begun; /* the line has its beginning */
};

static void begin_line(struct lines *l)
{
    if (!l->begun)
        fputs(l->begin, l->out);
    l->begun = true;
}

static void end_line(struct lines *l)
{
    begin_line(l);
    putc('\n', l->out);
    l->begun = false;
}

static void put_text(struct lines *l, const char *text, size_t n)
{
    const char *newline;

    while ((newline = memchr(text, '\n', n))) {
        begin_line(l);
        escape_print(l->out, text, (size_t)(newline - text));
        end_line(l);
        n -= (size_t)(newline - text) + 1;
        text = newline + 1;
    }
    begin_line(l);
    escape_print(l->out, text, n);
}

static void put_soft(struct lines *l, const struct prompter *p, int code)
{
    begin_line(l);
    if (code == CODE_USER)
        fputs("<user>", l->out);
    else if (CODE_IS_GUESS(code) && p->guesses > 1)
        fprintf(l->out, "<guess %d>", CODE_GUESS_OF(code) + 1);
    else if (CODE_IS_GUESS(code))
        fputs("<guess>", l->out);
    else {
        int64_t item = CODE_ITEM_OF(code);

        fputs("<item: ", l->out);
        escape_print(l->out, texts_at(p->titles, item), texts_length(p->titles, item));
        putc('>', l->out);
    }
}

/* Tokens from code `from` on, up to a soft token, as one text: a character may be several
 * tokens.  Returns where they end. */
static int put_tokens(struct lines *l, const struct prompter *p, const struct codes *c,
                      int from)
{
    size_t bytes = 0, at = 0;
    int end = from;
    char *text;

    for (; end < c->n && c->list[end] >= 0; end++)
        bytes += bpe_token(p->bpe, c->list[end]).size;
    text = mem_new(bytes + 1, 1);
    for (int i = from; i < end; i++) {
        struct bpe_text token = bpe_token(p->bpe, c->list[i]);

        memcpy(text + at, token.data, token.size);
        at += token.size;
    }
    put_text(l, text, bytes);
    free(text);
    return end;
}

void prompt_print(FILE *out, const struct prompter *p, const struct codes *c,
                  const char *begin)
{
    struct lines l = { .out = out, .begin = begin };

    for (int i = 0; i < c->n;)
        if (c->list[i] >= 0)
            i = put_tokens(&l, p, c, i);
        else
            put_soft(&l, p, c->list[i++]);
    end_line(&l);
}

int prompt_soft_count(const struct codes *c)
{
    int soft = 0;

    for (int i = 0; i < c->n; i++)
        soft += c->list[i] < 0;
    return soft;
}
