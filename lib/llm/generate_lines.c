#include "llm/generate_lines.h"

#include "llm/decoder_cache.h"
#include "util/escape.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Where the next bar stands that no backslash precedes, or the end; \| becomes |. */
static char *next_bar(char *text)
{
    char *to = text, *from = text;

    for (; *from && *from != '|'; *to++ = *from++) {
        if (from[0] == '\\' && from[1] == '|')
            from++;
        else if (from[0] == '\\' && from[1])
            *to++ = *from++;
    }
    if (to < from)
        *to = 0;
    return from;
}

char **generate_lines_stops(const char *list, struct error *e)
{
    char **stop = mem_new(strlen(list) + 2, sizeof *stop);
    char *copy = mem_string(list), *at = copy;
    int n = 0;

    while (*at) {
        char *bar = next_bar(at);
        bool more = *bar == '|';

        *bar = 0;
        if (!*at || escape_undo(at, ESCAPE_LETTERS, e) < 0) {
            if (!*at)
                fail(e, "'%s' has an empty text", list);
            generate_lines_stops_free(stop);
            free(copy);
            return NULL;
        }
        stop[n++] = mem_string(at);
        at = bar + more;
    }
    free(copy);
    return stop;
}

void generate_lines_stops_free(char **stop)
{
    for (int i = 0; stop && stop[i]; i++)
        free(stop[i]);
    free(stop);
}

int generate_lines_batch(const struct llm *llm, int batch)
{
    const struct decoder_config *c = decoder_config(llm->model);
    size_t need = decoder_cache_need(c, c->context);
    size_t fit = mem_of_machine() / 4 / need;

    return fit < 1 ? 1 : (size_t)batch < fit ? batch : (int)fit;
}

static int make_prompt(struct generation *t, const struct llm *llm, char *line,
                       struct error *e)
{
    const struct decoder *m = llm->model;
    size_t width = (size_t)decoder_config(m)->embed_width;
    int bos = bpe_adds_bos(llm->bpe) ? bpe_bos(llm->bpe) : -1, start = bos >= 0, *ids, n;
    long bytes = escape_undo(line, ESCAPE_LETTERS, e);

    if (bytes < 0 || (n = bpe_encode(llm->bpe, line, (size_t)bytes, &ids, e)) < 0)
        return -1;
    t->rows = start + n;
    if (t->rows == 0)
        fail(e, "the prompt is empty, and this model has no start token");
    else if (t->rows > decoder_config(m)->context)
        fail(e, "%d tokens, the model's context has %d", t->rows,
             decoder_config(m)->context);
    else {
        t->embeddings = mem_new((size_t)t->rows * width, sizeof *t->embeddings);
        if (start)
            decoder_embed(m, bos, t->embeddings);
        for (int i = 0; i < n; i++)
            decoder_embed(m, ids[i], t->embeddings + (size_t)(start + i) * width);
    }
    free(ids);
    return t->embeddings ? 0 : -1;
}

/* Up to `most` prompts into list; how many, or -1 and the reason. */
static int read_prompts(struct generation *list, int most, const struct llm *llm,
                        struct channel *in, const char *name, long done, struct error *e)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t length;
    int n = 0, result = 0;

    while (n < most && result == 0 && (length = channel_line(in, &line, &room)) >= 0) {
        list[n] = (struct generation){ .key = (uint64_t)(done + n) };
        result = strlen(line) != (size_t)length ? fail(e, "a NUL in the line")
                                                : make_prompt(&list[n], llm, line, e);
        n++;
        if (result < 0)
            fail_in(e, "%s: line %ld", name, done + n);
    }
    free(line);
    if (result == 0 && in->error)
        result = fail(e, "%s: %s", name, channel_reason(in));
    for (int i = 0; result < 0 && i < n; i++)
        free(list[i].embeddings);
    return result < 0 ? -1 : n;
}

/* Up to the first that is none; how many. */
static int put_texts(struct generation *list, int n)
{
    int put = 0;

    while (put < n && !list[put].overflowed) {
        escape_put(stdout, list[put].text, list[put].bytes);
        putchar('\n');
        put++;
    }
    for (int i = 0; i < n; i++)
        free(list[i].text);
    return put;
}

int generate_lines_answer(struct generator *g, struct channel *in, const char *name,
                          int batch, struct error *e)
{
    struct generation *list = mem_new((size_t)batch, sizeof *list);
    long done = 0;
    int n, put;

    while ((n = read_prompts(list, batch, g->llm, in, name, done, e)) > 0) {
        generate(g, list, n);
        put = put_texts(list, n);
        channel_flush_stdout();
        done += put;
        if (put < n) {
            n = fail(e, "%s: line %ld: the model's output is not finite", name, done + 1);
            break;
        }
    }
    free(list);
    if (n == 0 && done == 0)
        n = in->fd == STDIN_FILENO ? fail(e, "no input") : fail(e, "%s: empty", name);
    return n;
}
