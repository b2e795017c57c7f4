#include "text/bpe.h"

#include "text/bpe_parts.h"
#include "text/bpe_symbols.h"
#include "util/mem.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

/* What one call needs, used again for each piece. */
struct work {
    struct bpe_symbols piece;
    int *id;
    int ids, id_room;
    const char *text, *view; /* the same, but for what bpe_cut_view changes */
    pcre2_match_data *match[BPE_STAGES];
};

static void add_characters(const struct bpe *t, const char *piece, size_t n,
                           struct work *w)
{
    int *ids = mem_new(n, sizeof *ids);
    size_t count = bpe_piece_characters(t, piece, n, ids);

    for (size_t i = 0; i < count; i++)
        bpe_symbols_add(&w->piece, ids[i]);
    free(ids);
}

/* A piece's tokens go to w->id.  Bytes without a token are left out, as in the
 * reference: vocabularies that lack some exist. */
static void encode_piece(const struct bpe *t, const char *piece, size_t n, struct work *w)
{
    int whole = t->whole_pieces ? bpe_find(t, piece, n) : -1;

    if (whole >= 0) {
        MEM_PUSH(w->id, w->ids, w->id_room, whole);
        return;
    }
    w->piece.symbols = 0;
    if (t->pieces)
        add_characters(t, piece, n, w);
    for (size_t i = 0; i < n && !t->pieces; i++)
        bpe_symbols_add(&w->piece, t->byte[(unsigned char)piece[i]]);
    if (w->piece.symbols == 0)
        return;
    bpe_symbols_merge(&w->piece, t);
    for (int i = 0; i >= 0; i = w->piece.symbol[i].next)
        MEM_PUSH(w->id, w->ids, w->id_room, w->piece.symbol[i].id);
}

/* Bytes [from, to) are cut by the stage's expression. */
static int cut_text(const struct bpe *t, int stage, size_t from, size_t to,
                    struct work *w, struct error *e);

/* Bytes [from, to) are cut by all stages, or where there are none encoded as they are. */
static int encode_text(const struct bpe *t, size_t from, size_t to, struct work *w,
                       struct error *e)
{
    if (from == to)
        return 0;
    if (t->cut[0])
        return cut_text(t, 0, from, to, w, e);
    encode_piece(t, w->text + from, to - from, w);
    return 0;
}

static int pass_on(const struct bpe *t, int stage, size_t from, size_t to,
                   struct work *w, struct error *e)
{
    if (from == to)
        return 0;
    if (stage + 1 < BPE_STAGES && t->cut[stage + 1])
        return cut_text(t, stage + 1, from, to, w, e);
    encode_piece(t, w->text + from, to - from, w);
    return 0;
}

/* Where the search goes on behind a match of [start, end): after an empty one, which only
 * cuts, a character further. */
static size_t behind(const char *text, size_t n, size_t start, size_t end)
{
    if (end > start || end == n)
        return end;
    do
        end++;
    while (end < n && ((unsigned char)text[end] & 0xc0) == 0x80);
    return end;
}

/* Every match and everything between two matches is a part, for the next stage. */
static int cut_text(const struct bpe *t, int stage, size_t from, size_t to,
                    struct work *w, struct error *e)
{
    PCRE2_SPTR subject = (PCRE2_SPTR)w->view + from; /* alone: \S sees its end */
    size_t n = to - from, done = 0, next = 0;

    while (done < n) {
        const PCRE2_SIZE *at = pcre2_get_ovector_pointer(w->match[stage]);
        int found = pcre2_match(t->cut[stage], subject, n, next, PCRE2_NO_UTF_CHECK,
                                w->match[stage], NULL);
        size_t start = n, end = n;

        if (found < 0 && found != PCRE2_ERROR_NOMATCH)
            return fail(e, "PCRE2 cannot cut the text (error %d)", found);
        if (found > 0) {
            start = at[0];
            end = at[1];
        }
        if (start < done || end < start)
            return fail(e, "an expression's match begins before it was looked for: not "
                        "supported");
        if (pass_on(t, stage, from + done, from + start, w, e) < 0 ||
            pass_on(t, stage, from + start, from + end, w, e) < 0)
            return -1;
        done = end;
        next = behind(w->view + from, n, start, end);
    }
    return 0;
}

static int check_text(const char *text, size_t n, struct error *e)
{
    if (n > INT_MAX / 4)
        return fail(e, "a text of %zu bytes is too long", n);
    for (size_t i = 0; i < n;) {
        utf8proc_int32_t c;
        utf8proc_ssize_t used = utf8proc_iterate((const utf8proc_uint8_t *)text + i,
                                                 (utf8proc_ssize_t)(n - i), &c);

        if (used < 1)
            return fail(e, "byte %zu of the text (0x%02x) is not UTF-8", i,
                        (unsigned char)text[i]);
        i += (size_t)used;
    }
    return 0;
}

/* Unicode's form NFC; new, or NULL and the reason. */
static char *composed(const char *text, size_t *n, struct error *e)
{
    utf8proc_uint8_t *out = NULL;
    utf8proc_ssize_t size =
        utf8proc_map((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)*n, &out,
                     UTF8PROC_STABLE | UTF8PROC_COMPOSE);

    if (size < 0) {
        fail(e, "text cannot be composed: %s", utf8proc_errmsg(size));
        return NULL;
    }
    *n = (size_t)size;
    return (char *)out;
}

/* Between two tokens that are taken out: a text of its own.  It begins with a space where
 * the tokenizer puts one. */
static int encode_between(const struct bpe *t, size_t from, size_t to, bool first,
                          struct work *w, struct error *e)
{
    const char *text = w->text, *view = w->view;
    size_t n = to - from;
    char *piece, *seen;
    int done;

    if (from == to || !t->pieces)
        return encode_text(t, from, to, w, e);
    piece = bpe_piece_text(t, text + from, &n,
                           t->space == BPE_SPACE_EVERY
                               ? first || from > 0
                               : t->space == BPE_SPACE_FIRST && first && from == 0);
    seen = bpe_cut_view(piece, n);
    w->text = piece;
    w->view = seen ? seen : piece;
    done = encode_text(t, 0, n, w, e);
    w->text = text;
    w->view = view;
    free(piece);
    free(seen);
    return done;
}

/* User-defined tokens come first, from the left and the longest each, as llama.cpp and
 * Hugging Face have it; what lies between them is a text of its own. */
static int cut_added(const struct bpe *t, size_t n, bool first, struct work *w,
                     struct error *e)
{
    size_t done = 0, size;

    for (size_t at = 0; at < n;) {
        int added = bpe_added_at(t, w->text, n, at), sides;
        size_t start = at;

        if (added < 0) {
            at++;
            continue;
        }
        sides = t->sides ? t->sides[added] : 0;
        while (sides & BPE_STRIP_LEFT
               && (size = bpe_added_space(w->text, n, start, done, true)) > 0)
            start -= size;
        if (encode_between(t, done, start, first, w, e) < 0)
            return -1;
        MEM_PUSH(w->id, w->ids, w->id_room, added);
        at += t->token[added].size;
        while (sides & BPE_STRIP_RIGHT
               && (size = bpe_added_space(w->text, n, at, at, false)) > 0)
            at += size;
        done = at;
    }
    return encode_between(t, done, n, first, w, e);
}

/* Encodes text that has been checked; w->id and w->ids are the caller's. */
static int encode(const struct bpe *t, const char *text, size_t n, bool first,
                  struct work *w, struct error *e)
{
    char *view = bpe_cut_view(text, n);
    int done = 0;

    w->text = text;
    w->view = view ? view : text;
    for (int i = 0; i < BPE_STAGES; i++)
        if (!(w->match[i] = pcre2_match_data_create(1, NULL)))
            done = fail(e, "out of memory");
    if (done == 0)
        done = cut_added(t, n, first, w, e);
    for (int i = 0; i < BPE_STAGES; i++)
        pcre2_match_data_free(w->match[i]);
    free(view);
    bpe_symbols_free(&w->piece);
    return done;
}

static int encode_any(const struct bpe *t, const char *text, size_t n, bool first,
                      int **ids, struct error *e)
{
    struct work w = { 0 };
    char *nfc = NULL;
    int done;

    *ids = NULL;
    if (check_text(text, n, e) < 0 || (t->compose && !(nfc = composed(text, &n, e))))
        return -1;
    done = encode(t, nfc ? nfc : text, n, first, &w, e);
    free(nfc);
    if (done < 0) {
        free(w.id);
        return -1;
    }
    *ids = w.id ? w.id : mem_new(1, sizeof *w.id);
    return w.ids;
}

int bpe_encode(const struct bpe *t, const char *text, size_t n, int **ids,
               struct error *e)
{
    return encode_any(t, text, n, true, ids, e);
}

int bpe_encode_next(const struct bpe *t, const char *text, size_t n, int **ids,
                    struct error *e)
{
    return encode_any(t, text, n, false, ids, e);
}

int bpe_tokens(const struct bpe *t)
{
    return t->tokens;
}

struct bpe_text bpe_token(const struct bpe *t, int id)
{
    return t->token[id];
}

bool bpe_is_special(const struct bpe *t, int id)
{
    return t->kind[id] == BPE_SPECIAL;
}

int bpe_special(const struct bpe *t, const char *text)
{
    size_t n = strlen(text);

    for (int i = 0; i < t->tokens; i++)
        if ((t->kind[i] == BPE_SPECIAL || t->kind[i] == BPE_ADDED) &&
            t->token[i].size == n && memcmp(t->token[i].data, text, n) == 0)
            return i;
    return -1;
}

int bpe_bos(const struct bpe *t)
{
    return t->bos;
}

int bpe_eos(const struct bpe *t)
{
    return t->eos;
}

bool bpe_adds_bos(const struct bpe *t)
{
    return t->add_bos;
}
