#include "text/bpe_files.h"

#include "formats/json_file.h"
#include "text/bpe_json.h"
#include "text/vocabulary.h"
#include "util/file.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_TOKENS = 1 << 24 }; /* ids beyond are no vocabulary's */

/* The lists as they are gathered; their texts lie in the files, kept until the
 * tokenizer is made. */
struct parts {
    json_t *json, *config;
    struct mapped merges_file;
    struct bpe_text *token;
    enum bpe_kind *kind;
    unsigned char *sides; /* BPE_STRIP_LEFT and the like of each */
    size_t tokens;
    struct bpe_text (*merge)[2];
    size_t merges, merge_room;
    struct bpe_source source;
};

static void free_parts(struct parts *p)
{
    json_decref(p->json);
    json_decref(p->config);
    file_unmap(&p->merges_file);
    free(p->token);
    free(p->kind);
    free(p->sides);
    free(p->merge);
}

/* A file's JSON, a byte order mark before it or not; all its numbers are reals where one
 * is no 64-bit integer: transformers writes 10^30 for "any length". */
static json_t *load(const char *path, struct error *e)
{
    json_error_t why;
    struct mapped m = { 0 };
    size_t n;
    const char *text = file_map(&m, path, e) == 0 ? file_text(&m, path, &n, e) : NULL;
    json_t *root = text ? json_loadb(text, n, 0, &why) : NULL;

    if (text && !root && json_error_code(&why) == json_error_numeric_overflow)
        root = json_loadb(text, n, JSON_DECODE_INT_AS_REAL, &why);
    if (text && !root)
        fail(e, "line %d: %s", why.line, why.text);
    file_unmap(&m);
    return root;
}

/* Token `text` with this id; ids that nothing claims stay unused. */
static int put_token(struct parts *p, const char *text, const json_t *id,
                     enum bpe_kind kind, struct error *e)
{
    long i = json_whole(id, MOST_TOKENS - 1);

    if (i < 0)
        return fail(e, "token \"%.60s\": its id is no number from 0 to %d", text,
                    MOST_TOKENS - 1);
    if ((size_t)i >= p->tokens) {
        size_t n = (size_t)i + 1, grown = n - p->tokens;

        p->token = mem_resize(p->token, n, sizeof *p->token);
        p->kind = mem_resize(p->kind, n, sizeof *p->kind);
        p->sides = mem_resize(p->sides, n, 1);
        memset(p->sides + p->tokens, 0, grown);
        memset(p->token + p->tokens, 0, grown * sizeof *p->token);
        for (size_t k = p->tokens; k < n; k++)
            p->kind[k] = BPE_UNUSED;
        p->tokens = n;
    }
    p->token[i] = (struct bpe_text){ text, strlen(text) };
    p->kind[i] = kind;
    return 0;
}

/* {"token": id, ...} */
static int read_vocabulary(struct parts *p, json_t *vocabulary, struct error *e)
{
    const char *text;
    json_t *id;

    if (!json_is_object(vocabulary) || json_object_size(vocabulary) == 0)
        return fail(e, "no vocabulary");
    json_object_foreach(vocabulary, text, id) {
        long i = json_whole(id, MOST_TOKENS - 1);

        if (i >= 0 && (size_t)i < p->tokens && p->token[i].data)
            return fail(e, "token \"%.60s\": id %ld is given twice", text, i);
        if (put_token(p, text, id, BPE_NORMAL, e) < 0)
            return -1;
    }
    return 0;
}

/* Which sides of its places in a text an added token takes. */
static void put_sides(struct parts *p, const json_t *a, const json_t *id)
{
    long i = json_whole(id, MOST_TOKENS - 1);

    if (i < 0 || (size_t)i >= p->tokens)
        return;
    p->sides[i] = (unsigned char)(
        (json_is_true(json_object_get(a, "lstrip")) ? BPE_STRIP_LEFT : 0)
        | (json_is_true(json_object_get(a, "rstrip")) ? BPE_STRIP_RIGHT : 0)
        | (json_is_true(json_object_get(a, "single_word")) ? BPE_SINGLE_WORD : 0));
}

/* [{"id": 0, "content": "<s>", "special": true, ...}, ...] */
static int read_added(struct parts *p, const json_t *added, struct error *e)
{
    const json_t *a;
    size_t i;

    json_array_foreach(added, i, a) {
        const char *text = json_string_value(json_object_get(a, "content"));
        bool special = json_is_true(json_object_get(a, "special"));

        if (!text)
            return fail(e, "added token %zu has no content", i);
        if (put_token(p, text, json_object_get(a, "id"),
                      special ? BPE_SPECIAL : BPE_ADDED, e) < 0)
            return -1;
        put_sides(p, a, json_object_get(a, "id"));
    }
    return 0;
}

/* "a b" as its two halves. */
static int put_merge(struct parts *p, const char *text, size_t n, struct error *e)
{
    const char *space = memchr(text, ' ', n);

    if (!space)
        return fail(e, "merge %zu is not two tokens", p->merges);
    if (p->merges == p->merge_room) {
        p->merge_room = p->merge_room ? 2 * p->merge_room : 1024;
        p->merge = mem_resize(p->merge, p->merge_room, sizeof *p->merge);
    }
    p->merge[p->merges][0] = (struct bpe_text){ text, (size_t)(space - text) };
    p->merge[p->merges][1] =
        (struct bpe_text){ space + 1, n - (size_t)(space - text) - 1 };
    p->merges++;
    return 0;
}

/* ["a b", ...] or, newer, [["a", "b"], ...] */
static int read_merges(struct parts *p, const json_t *merges, struct error *e)
{
    const json_t *m;
    size_t i;

    if (!json_is_array(merges))
        return fail(e, "no merges");
    p->merge_room = json_array_size(merges);
    p->merge = mem_new(p->merge_room, sizeof *p->merge);
    json_array_foreach(merges, i, m) {
        const char *half[2] = { json_string_value(json_array_get(m, 0)),
                                json_string_value(json_array_get(m, 1)) };

        if (json_is_string(m)) {
            if (put_merge(p, json_string_value(m), json_string_length(m), e) < 0)
                return -1;
            continue;
        }
        if (!half[0] || !half[1])
            return fail(e, "merge %zu is not two tokens", i);
        for (int k = 0; k < 2; k++)
            p->merge[i][k] = (struct bpe_text){ half[k], strlen(half[k]) };
        p->merges++;
    }
    return 0;
}

/* A merge a line, after "#version". */
static int read_merge_lines(struct parts *p, const char *folder, struct error *e)
{
    char *path = file_join(folder, "merges.txt");
    int done = file_map(&p->merges_file, path, e);
    size_t bytes = 0;
    const char *at = done == 0 ? file_text(&p->merges_file, path, &bytes, e) : NULL;
    const char *end = at ? at + bytes : NULL;

    done = at ? 0 : -1;
    while (done == 0 && at < end) {
        const char *line = memchr(at, '\n', (size_t)(end - at));
        size_t n = (size_t)((line ? line : end) - at), used = n;

        while (used > 0 && at[used - 1] == '\r')
            used--;
        if (used > 0 && (used < 8 || memcmp(at, "#version", 8) != 0) &&
            put_merge(p, at, used, e) < 0)
            done = fail_in(e, "%s", path);
        at += line ? n + 1 : n;
    }
    free(path);
    return done;
}

/* The token that is written so; text may be NULL: -1. */
static int token_by_text(const struct parts *p, const char *text)
{
    size_t n = text ? strlen(text) : 0;

    for (size_t i = 0; text && i < p->tokens; i++)
        if (p->token[i].size == n && memcmp(p->token[i].data, text, n) == 0)
            return (int)i;
    return -1;
}

/* The id of tokenizer_config.json's bos_token or the like, a string or an object
 * with content; it becomes special.  -1 where it names none. */
static int config_token(struct parts *p, const char *key)
{
    const json_t *named = json_object_get(p->config, key);
    const char *text = json_string_value(
        json_is_object(named) ? json_object_get(named, "content") : named);
    int id = token_by_text(p, text);

    if (id >= 0)
        p->kind[id] = BPE_SPECIAL;
    return id;
}

/* Start and end token; the template of tokenizer.json wins over the name. */
static void read_ends(struct parts *p)
{
    struct bpe_source *s = &p->source;
    int bos = config_token(p, "bos_token");

    s->eos = config_token(p, "eos_token");
    config_token(p, "unk_token");
    config_token(p, "pad_token");
    if (!s->add_bos)
        s->bos = bos;
}

static int from_json(struct parts *p, const char *path, struct error *e)
{
    json_t *model;

    if (!(p->json = load(path, e)) || bpe_json_settings(p->json, &p->source, e) < 0)
        return fail_in(e, "%s", path);
    model = json_object_get(p->json, "model");
    if (read_vocabulary(p, json_object_get(model, "vocab"), e) < 0 ||
        read_added(p, json_object_get(p->json, "added_tokens"), e) < 0 ||
        read_merges(p, json_object_get(model, "merges"), e) < 0)
        return fail_in(e, "%s", path);
    p->source.unknown = token_by_text(p, json_string_value(
                                             json_object_get(model, "unk_token")));
    read_ends(p);
    return 0;
}

/* tokenizer_config.json's {"50257": {"content": "<image>", "special": true}, ...} */
static int read_added_decoder(struct parts *p, struct error *e)
{
    const char *key;
    json_t *a;

    json_object_foreach(json_object_get(p->config, "added_tokens_decoder"), key, a) {
        const char *text = json_string_value(json_object_get(a, "content"));
        bool special = json_is_true(json_object_get(a, "special"));
        char *end;
        json_t *id = json_integer(strtoll(key, &end, 10));
        int put = -1;

        if (!text || end == key || *end)
            fail(e, "added_tokens_decoder: \"%.60s\": expected a number with content",
                 key);
        else
            put = put_token(p, text, id, special ? BPE_SPECIAL : BPE_ADDED, e);
        if (put == 0)
            put_sides(p, a, id);
        json_decref(id);
        if (put < 0)
            return fail_in(e, "tokenizer_config.json");
    }
    return 0;
}

/* GPT-2's own files, cut as it cuts; without a configuration, with its end. */
static int from_lists(struct parts *p, const char *folder, struct error *e)
{
    char *path = file_join(folder, "vocab.json");
    int done = 0;

    if (!file_exists(path))
        done = vocabulary_missing(folder, "neither tokenizer.json nor vocab.json", e);
    else if (!(p->json = load(path, e)) || read_vocabulary(p, p->json, e) < 0)
        done = fail_in(e, "%s", path);
    free(path);
    if (done < 0 || read_merge_lines(p, folder, e) < 0)
        return -1;
    if (read_added_decoder(p, e) < 0)
        return fail_in(e, "%s", folder);
    p->source.cut = BPE_GPT2;
    if (!json_object_get(p->config, "eos_token")) {
        json_t *named = json_pack("{s:s, s:s}", "bos_token", "<|endoftext|>", "eos_token",
                                  "<|endoftext|>");

        json_object_update_missing(p->config, named);
        json_decref(named);
    }
    read_ends(p);
    vocabulary_short_merges(folder, p->token, p->kind, p->tokens, p->merges);
    p->source.add_bos = p->source.bos >= 0 &&
                        json_is_true(json_object_get(p->config, "add_bos_token"));
    return 0;
}

/* A file's object, an empty one where there is no such file; NULL and the reason. */
static json_t *load_object(const char *folder, const char *name, struct error *e)
{
    char *path = file_join(folder, name);
    json_t *root = file_exists(path) ? load(path, e) : json_object();

    if (root && !json_is_object(root)) {
        json_decref(root);
        root = NULL;
        fail(e, "expected an object");
    }
    if (!root)
        fail_in(e, "%s", path);
    free(path);
    return root;
}

/* Both files name start and end token; tokenizer_config.json wins. */
static int read_config(struct parts *p, const char *folder, struct error *e)
{
    json_t *map;

    p->config = load_object(folder, "tokenizer_config.json", e);
    map = p->config ? load_object(folder, "special_tokens_map.json", e) : NULL;
    if (!map)
        return -1;
    json_object_update_missing(p->config, map);
    json_decref(map);
    return 0;
}

static struct bpe *make(struct parts *p, struct error *e)
{
    p->source.tokens = p->tokens;
    p->source.merges = p->merges;
    p->source.token = p->token;
    p->source.kind = p->kind;
    p->source.sides = p->sides;
    p->source.merge = (const struct bpe_text (*)[2])p->merge;
    return bpe_new(&p->source, e);
}

struct bpe *bpe_from_folder(const char *folder, struct error *e)
{
    struct parts p = { .source = { .bos = -1, .eos = -1, .unknown = -1 } };
    char *path = file_join(folder, "tokenizer.json");
    struct bpe *t = NULL;
    int done = read_config(&p, folder, e);

    if (done == 0)
        done = file_exists(path) ? from_json(&p, path, e) : from_lists(&p, folder, e);
    if (done == 0 && !(t = make(&p, e)))
        fail_in(e, "%s", folder);
    free(path);
    free_parts(&p);
    return t;
}

struct bpe *bpe_from_json(const json_t *tokenizer, struct error *e)
{
    struct parts p = { .source = { .bos = -1, .eos = -1, .unknown = -1 } };
    const json_t *model = json_object_get(tokenizer, "model");
    struct bpe *t = NULL;

    if (bpe_json_settings(tokenizer, &p.source, e) == 0
        && read_vocabulary(&p, json_object_get(model, "vocab"), e) == 0
        && read_merges(&p, json_object_get(model, "merges"), e) == 0)
        t = make(&p, e);
    free_parts(&p);
    return t;
}
