#include "text/normalizer.h"

#include "text/bert_normalizer.h"
#include "text/charsmap.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

struct normal_step {
    void (*run)(const struct normal_step *s, struct runes *r);
    struct bert_normalizer bert;
    struct charsmap map;
    struct runes from, to; /* Replace; Prepend has `to` alone */
    bool left, right;      /* Strip */
    int form;              /* utf8proc's options */
};

static struct normal_step *add(struct normalizer *n, struct normal_step s)
{
    MEM_PUSH(n->step, n->steps, n->room, s);
    return &n->step[n->steps - 1];
}

static void run_bert(const struct normal_step *s, struct runes *r)
{
    bert_normalize(&s->bert, r);
}

static void run_charsmap(const struct normal_step *s, struct runes *r)
{
    charsmap_apply(&s->map, r);
}

static void run_strip(const struct normal_step *s, struct runes *r)
{
    long from = 0, to = r->n;

    while (s->right && to > 0 && rune_is_space(r->c[to - 1]))
        to--;
    while (s->left && from < to && rune_is_space(r->c[from]))
        from++;
    if (to > from)
        memmove(r->c, r->c + from, (size_t)(to - from) * sizeof *r->c);
    r->n = to - from;
}

static void push_all(struct runes *out, const struct runes *from)
{
    for (long i = 0; i < from->n; i++)
        runes_push(out, from->c[i]);
}

static bool begins(const int32_t *c, long n, const struct runes *with)
{
    return with->n <= n && memcmp(c, with->c, (size_t)with->n * sizeof *c) == 0;
}

static void run_replace(const struct normal_step *s, struct runes *r)
{
    struct runes out = { 0 };

    for (long i = 0; i < r->n;) {
        if (begins(r->c + i, r->n - i, &s->from)) {
            push_all(&out, &s->to);
            i += s->from.n;
        } else
            runes_push(&out, r->c[i++]);
    }
    runes_free(r);
    *r = out;
}

/* Runs of white space, of blanks only where s->from is a blank, and of two at least. */
static void run_replace_spaces(const struct normal_step *s, struct runes *r)
{
    bool blanks = s->from.n > 0;
    struct runes out = { 0 };

    for (long i = 0, end; i < r->n; i = end) {
        for (end = i; end < r->n; end++)
            if (blanks ? r->c[end] != ' ' : !rune_is_space(r->c[end]))
                break;
        if (end - i >= (blanks ? 2 : 1))
            push_all(&out, &s->to);
        else
            runes_push(&out, r->c[end = i, end++]);
    }
    runes_free(r);
    *r = out;
}

static void run_prepend(const struct normal_step *s, struct runes *r)
{
    struct runes out = { 0 };

    if (r->n == 0)
        return;
    push_all(&out, &s->to);
    push_all(&out, r);
    runes_free(r);
    *r = out;
}

/* One of Unicode's forms; utf8proc takes zero-terminated or sized text, NUL included. */
static void run_form(const struct normal_step *s, struct runes *r)
{
    char *text = mem_new(4 * (size_t)r->n + 1, 1);
    size_t bytes = runes_write(text, NULL, r->c, r->n);
    utf8proc_uint8_t *out = NULL;
    utf8proc_ssize_t n = utf8proc_map((const utf8proc_uint8_t *)text,
                                      (utf8proc_ssize_t)bytes, &out,
                                      (utf8proc_option_t)s->form);

    free(text);
    if (n < 0)
        return; /* too long for utf8proc: stays as it is */
    r->n = 0;
    runes_read(r, (const char *)out, (size_t)n);
    free(out);
}

/* BertNormalizer alone knows the options that tokenizer_config.json overrides. */
static void run_lower(const struct normal_step *s, struct runes *r)
{
    (void)s;
    bert_normalize(&(struct bert_normalizer){ .lowercase = true }, r);
}

static void run_strip_accents(const struct normal_step *s, struct runes *r)
{
    long n = 0;

    (void)s;
    for (long i = 0; i < r->n; i++) {
        utf8proc_category_t kind = utf8proc_category(r->c[i]);

        if (kind != UTF8PROC_CATEGORY_MN && kind != UTF8PROC_CATEGORY_MC
            && kind != UTF8PROC_CATEGORY_ME)
            r->c[n++] = r->c[i];
    }
    r->n = n;
}

/* The steps that need no more than their name. */
static const struct {
    const char *type;
    struct normal_step step;
} plain[] = {
    { "Lowercase", { .run = run_lower } },
    { "StripAccents", { .run = run_strip_accents } },
    { "NFC", { .run = run_form, .form = UTF8PROC_STABLE | UTF8PROC_COMPOSE } },
    { "NFD", { .run = run_form, .form = UTF8PROC_STABLE | UTF8PROC_DECOMPOSE } },
    { "NFKC", { .run = run_form,
                .form = UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT } },
    { "NFKD", { .run = run_form,
                .form = UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT } },
};

static int read_bert(struct normalizer *n, const struct json_file *p, struct error *e)
{
    struct bert_normalizer b = { 0 };

    if (json_bool_or(p, "clean_text", true, &b.clean_text, e) < 0
        || json_bool_or(p, "handle_chinese_chars", true, &b.chinese_chars, e) < 0
        || json_bool_or(p, "lowercase", true, &b.lowercase, e) < 0
        || json_bool_or(p, "strip_accents", b.lowercase, &b.strip_accents, e) < 0)
        return -1;
    add(n, (struct normal_step){ .run = run_bert, .bert = b });
    return 0;
}

static int read_strip(struct normalizer *n, const struct json_file *p, struct error *e)
{
    struct normal_step s = { .run = run_strip };

    if (json_bool_or(p, "strip_left", false, &s.left, e) < 0
        || json_bool_or(p, "strip_right", false, &s.right, e) < 0)
        return -1;
    add(n, s);
    return 0;
}

static int read_charsmap(struct normalizer *n, const struct json_file *p, struct error *e)
{
    struct normal_step *s;
    const char *base64;

    if (json_text(p, "precompiled_charsmap", &base64, e) < 0)
        return -1;
    s = add(n, (struct normal_step){ .run = run_charsmap });
    if (charsmap_read(&s->map, base64, e) < 0)
        return fail_in(e, "%s", p->path);
    return 0;
}

static void text_runes(struct runes *r, const char *text)
{
    runes_read(r, text, strlen(text)); /* JSON is UTF-8 */
}

static int read_replace(struct normalizer *n, const struct json_file *p, struct error *e)
{
    const json_t *pattern = json_object_get(p->root, "pattern");
    const char *from = json_string_value(json_object_get(pattern, "String"));
    const char *regex = json_string_value(json_object_get(pattern, "Regex")), *to;
    struct normal_step *s;

    if (json_text(p, "content", &to, e) < 0)
        return -1;
    if ((!from || !*from) && (!regex || (strcmp(regex, " {2,}")
                                         && strcmp(regex, "\\s+"))))
        return fail(e, "%s: Replace has the pattern \"%.60s\", expected a text, "
                       "\" {2,}\" or \"\\s+\"", p->path, regex ? regex : "");
    s = add(n, (struct normal_step){ .run = regex ? run_replace_spaces : run_replace });
    text_runes(&s->to, to);
    if (from)
        text_runes(&s->from, from);
    else if (regex[0] == ' ')
        runes_push(&s->from, ' ');
    return 0;
}

static int read_prepend(struct normalizer *n, const struct json_file *p, struct error *e)
{
    const char *text;

    if (json_text(p, "prepend", &text, e) < 0)
        return -1;
    text_runes(&add(n, (struct normal_step){ .run = run_prepend })->to, text);
    return 0;
}

static int read_sequence(struct normalizer *n, const struct json_file *p, struct error *e)
{
    const json_t *list = json_object_get(p->root, "normalizers"), *v;
    size_t i;

    if (!json_is_array(list))
        return fail(e, "%s: Sequence has no \"normalizers\"", p->path);
    json_array_foreach (list, i, v)
        if (normalizer_read(n, p->path, v, e) < 0)
            return -1;
    return 0;
}

static const struct {
    const char *type;
    int (*read)(struct normalizer *n, const struct json_file *p, struct error *e);
} readers[] = {
    { "BertNormalizer", read_bert }, { "Strip", read_strip },
    { "Precompiled", read_charsmap }, { "Replace", read_replace },
    { "Prepend", read_prepend },     { "Sequence", read_sequence },
};

int normalizer_read(struct normalizer *n, const char *path, const json_t *v,
                    struct error *e)
{
    const char *type = json_string_value(json_object_get(v, "type"));
    struct json_file p = { mem_string(path), json_incref((json_t *)v) };
    int result = -1;
    bool found = false;

    if (!v || json_is_null(v))
        found = true, result = 0;
    for (size_t i = 0; type && i < sizeof plain / sizeof *plain; i++)
        if (strcmp(plain[i].type, type) == 0) {
            add(n, plain[i].step);
            found = true;
            result = 0;
        }
    for (size_t i = 0; type && i < sizeof readers / sizeof *readers; i++)
        if (strcmp(readers[i].type, type) == 0) {
            result = readers[i].read(n, &p, e);
            found = true;
        }
    if (!found)
        fail(e, "%s: of type %.60s, which is not read here", path, type ? type : "none");
    json_close(&p);
    return result;
}

void normalizer_add_bert(struct normalizer *n)
{
    add(n, (struct normal_step){ .run = run_bert, .bert = { true, true, true, true } });
}

void normalizer_lower_first(struct normalizer *n)
{
    add(n, (struct normal_step){ .run = run_lower });
    memmove(n->step + 1, n->step, (size_t)(n->steps - 1) * sizeof *n->step);
    n->step[0] = (struct normal_step){ .run = run_lower };
}

int normalizer_configure(struct normalizer *n, const struct json_file *config,
                         struct error *e)
{
    for (long i = 0; i < n->steps; i++) {
        struct bert_normalizer *b = &n->step[i].bert;
        bool both = b->lowercase == b->strip_accents; /* accents follow the case */

        if (n->step[i].run != run_bert)
            continue;
        if (json_bool_or(config, "do_lower_case", b->lowercase, &b->lowercase, e) < 0
            || json_bool_or(config, "strip_accents",
                            both ? b->lowercase : b->strip_accents,
                            &b->strip_accents, e) < 0
            || json_bool_or(config, "tokenize_chinese_chars", b->chinese_chars,
                            &b->chinese_chars, e) < 0)
            return -1;
    }
    return 0;
}

bool normalizer_shortens(const struct normalizer *n)
{
    for (long i = 0; i < n->steps; i++) {
        const struct normal_step *s = &n->step[i];

        if (s->run == run_charsmap || (s->run == run_strip && s->left)
            || s->run == run_strip_accents || (s->run == run_bert && s->bert.clean_text)
            || ((s->run == run_replace || s->run == run_replace_spaces) && s->to.n == 0))
            return true;
    }
    return false;
}

void normalizer_run(const struct normalizer *n, struct runes *r)
{
    for (long i = 0; i < n->steps; i++)
        n->step[i].run(&n->step[i], r);
}

void normalizer_free(struct normalizer *n)
{
    for (long i = 0; i < n->steps; i++) {
        charsmap_free(&n->step[i].map);
        runes_free(&n->step[i].from);
        runes_free(&n->step[i].to);
    }
    free(n->step);
    *n = (struct normalizer){ 0 };
}
