#include "text/tokenizer.h"

#include "text/bpe_files.h"
#include "text/tokenizer_parts.h"
#include "text/vocabulary.h"
#include "util/file.h"

#include <stdlib.h>
#include <string.h>

/* The added tokens of a folder without tokenizer.json, where the vocabulary has them. */
static void add_known(tokenizer *t, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int id = tokenizer_find(t, names[i]);

        if (id >= 0)
            tokenizer_add(t, names[i],
                          (struct added_token){ .id = id,
                                                .lstrip = !strcmp(names[i], "<mask>") });
    }
}

static int read_vocab_txt(tokenizer *t, const char *path, struct error *e)
{
    static const char *const names[] = { "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]" };

    t->model = MODEL_WORDPIECE;
    if (wordpiece_read_lines(&t->wordpiece, path, e) < 0)
        return -1;
    normalizer_add_bert(&t->normalizer);
    t->precut[t->precuts++] = (struct precut){ .kind = PRECUT_BERT };
    add_known(t, names, sizeof names / sizeof *names);
    if (tokenizer_put_around(t, &t->before, path, "[CLS]", e) < 0)
        return -1;
    return tokenizer_put_around(t, &t->after, path, "[SEP]", e);
}

static int read_merges(tokenizer *t, const char *folder, struct error *e)
{
    static const char *const names[] = { "<s>", "<pad>", "</s>", "<unk>", "<mask>" };

    t->model = MODEL_BPE;
    if (!(t->bpe = bpe_from_folder(folder, e)))
        return -1;
    add_known(t, names, sizeof names / sizeof *names);
    if (tokenizer_put_around(t, &t->before, folder, "<s>", e) < 0)
        return -1;
    return tokenizer_put_around(t, &t->after, folder, "</s>", e);
}

static int read_lists(tokenizer *t, const char *folder, struct error *e)
{
    char *words = file_join(folder, "vocab.txt");
    char *merges = file_join(folder, "merges.txt");
    int result;

    if (file_exists(words))
        result = read_vocab_txt(t, words, e);
    else if (file_exists(merges))
        result = read_merges(t, folder, e);
    else
        result = vocabulary_missing(folder,
                                    "has no vocabulary (neither tokenizer.json nor "
                                    "vocab.txt, nor vocab.json with merges.txt)", e);
    free(words);
    free(merges);
    return result;
}

static int read_words(tokenizer *t, const char *folder, struct error *e)
{
    char *path = file_join(folder, "tokenizer.json");
    struct json_file f;
    int result;

    if (!file_exists(path))
        result = read_lists(t, folder, e);
    else if ((result = json_open(&f, path, e)) == 0) {
        result = tokenizer_read_json(t, &f, e);
        json_close(&f);
    }
    free(path);
    return result;
}

/* tokenizer_config.json, where there is one, has the last word. */
static int read_config(tokenizer *t, const char *folder, struct error *e)
{
    char *path = file_join(folder, "tokenizer_config.json");
    struct json_file f;
    int result = 0;

    if (file_exists(path) && (result = json_open(&f, path, e)) == 0) {
        result = normalizer_configure(&t->normalizer, &f, e);
        if (result == 0)
            result = json_bool_or(&f, "add_prefix_space", t->prefix_space,
                                  &t->prefix_space, e);
        json_close(&f);
    }
    free(path);
    return result;
}

/* When all is read: the added tokens as they are looked for. */
static void make_tries(tokenizer *t)
{
    for (long i = 0; i < t->addeds; i++) {
        struct added_token *a = &t->added[i];

        if (a->normalized)
            normalizer_run(&t->normalizer, &a->text);
        if (a->text.n > 0)
            trie_add(a->normalized ? &t->normal : &t->raw, a->text.c, a->text.n, (int)i);
    }
}

tokenizer *tokenizer_open(const char *folder, bool lowercase_first, struct error *e)
{
    tokenizer *t = mem_new(1, sizeof *t);

    if (read_words(t, folder, e) < 0 || read_config(t, folder, e) < 0) {
        tokenizer_free(t);
        return NULL;
    }
    if (lowercase_first)
        normalizer_lower_first(&t->normalizer);
    make_tries(t);
    return t;
}

void tokenizer_free(tokenizer *t)
{
    if (!t)
        return;
    for (long i = 0; i < t->addeds; i++)
        runes_free(&t->added[i].text);
    free(t->added);
    normalizer_free(&t->normalizer);
    wordpiece_free(&t->wordpiece);
    unigram_free(&t->unigram);
    bpe_free(t->bpe);
    trie_free(&t->raw);
    trie_free(&t->normal);
    free(t->before.id);
    free(t->after.id);
    free(t);
}
