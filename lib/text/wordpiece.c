#include "text/wordpiece.h"

#include "text/runes.h"
#include "util/file.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

#define WORD_MAX 100 /* the reference's max_input_chars_per_word */
#define ID_MAX (10 * 1000 * 1000)

static int add_word(struct wordpiece *w, const char *path, const char *word,
                    const json_t *id, struct error *e)
{
    long number = json_whole(id, ID_MAX);

    if (number < 0)
        return fail(e, "%s: vocab: '%s': expected a token number from 0 to %d", path,
                    word, ID_MAX);
    vocab_add(&w->vocab, word, strlen(word), (int)number);
    return 0;
}

int wordpiece_read(struct wordpiece *w, const struct json_file *model, struct error *e)
{
    json_t *words = json_object_get(model->root, "vocab"), *id;
    const char *unknown, *prefix, *word;

    if (json_text_or(model, "unk_token", "[UNK]", &unknown, e) < 0
        || json_text_or(model, "continuing_subword_prefix", "##", &prefix, e) < 0
        || json_int_or(model, "max_input_chars_per_word", 1, 1000 * 1000, WORD_MAX,
                       &w->word_max, e) < 0)
        return -1;
    w->prefix = mem_string(prefix);
    if (!json_is_object(words))
        return fail(e, "%s: has no vocabulary", model->path);
    json_object_foreach (words, word, id)
        if (add_word(w, model->path, word, id, e) < 0)
            return -1;
    w->unknown = vocab_find(&w->vocab, unknown, strlen(unknown));
    if (w->unknown < 0)
        return fail(e, "%s: the vocabulary has no '%s'", model->path, unknown);
    return 0;
}

static void add_lines(struct wordpiece *w, const char *p, size_t bytes)
{
    const char *end = p + bytes;
    int id = 0;

    while (p < end) {
        const char *line = memchr(p, '\n', (size_t)(end - p));
        size_t n = (size_t)((line ? line : end) - p);

        vocab_add(&w->vocab, p, n > 0 && p[n - 1] == '\r' ? n - 1 : n, id++);
        p = line ? line + 1 : end;
    }
}

int wordpiece_read_lines(struct wordpiece *w, const char *path, struct error *e)
{
    struct mapped m;
    const char *text;
    size_t bytes;

    w->prefix = mem_string("##");
    w->word_max = WORD_MAX;
    if (file_map(&m, path, e) < 0)
        return -1;
    if ((text = file_text(&m, path, &bytes, e)))
        add_lines(w, text, bytes);
    file_unmap(&m);
    w->unknown = vocab_find(&w->vocab, "[UNK]", 5);
    if (text && w->unknown < 0)
        return fail(e, "%s: the vocabulary has no '[UNK]'", path);
    return text ? 0 : -1;
}

void wordpiece_free(struct wordpiece *w)
{
    vocab_free(&w->vocab);
    free(w->prefix);
}

void wordpiece_room_free(struct wordpiece_room *r)
{
    free(r->text);
    free(r->at);
}

/* Greedy, longest piece first; the word's UTF-8 (at[] its characters) stands behind room
 * for the prefix: a piece inside the word gets it by copying it before itself. */
static void cover(const struct wordpiece *w, char *word, const size_t *at, long n,
                  struct token_list *out)
{
    size_t prefix = strlen(w->prefix);
    long start = 0, before = out->n;

    while (start < n) {
        long end = n;
        size_t lead = start ? prefix : 0;
        char *piece = word + at[start] - lead;
        int id = -1;

        memcpy(piece, w->prefix, lead);
        while (end > start
               && (id = vocab_find(&w->vocab, piece, at[end] - at[start] + lead)) < 0)
            end--;
        if (id < 0) {
            out->n = before;
            token_list_add(out, w->unknown);
            return;
        }
        token_list_add(out, id);
        start = end;
    }
}

void wordpiece_encode(const struct wordpiece *w, struct wordpiece_room *r,
                      const int32_t *c, long n, struct token_list *out)
{
    size_t prefix = strlen(w->prefix);

    if (n > w->word_max) {
        token_list_add(out, w->unknown);
        return;
    }
    if (n >= r->size) {
        r->size = 2 * n + 64;
        r->text = mem_resize(r->text, 4 * (size_t)r->size + prefix, 1);
        r->at = mem_resize(r->at, (size_t)r->size + 1, sizeof *r->at);
    }
    runes_write(r->text + prefix, r->at, c, n);
    cover(w, r->text + prefix, r->at, n, out);
}
