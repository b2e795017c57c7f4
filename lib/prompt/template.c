#include "prompt/template.h"

#include "util/escape.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/near.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEMPLATE_BYTES_MAX 60000 /* travels in an attribute of the stream */

const char *const template_bos_names[] = {
    [BOS_AUTO] = "auto",
    [BOS_BEFORE] = "before",
    [BOS_AFTER] = "after",
    [BOS_NONE] = "none",
    NULL,
};

const char *const template_names[] = { "recall", "guess", "published", "genre", "open",
                                       NULL };

static const char *const built_in[] = {
    "candidate: [item]{title}\n"
    "history: [item]{title}\n"
    "separator: \\n\n"
    "text: The {noun}s to choose from:\\n{candidates}\\n\\n\n"
    "text: The {noun}s that this user has {past}:\\n{history}\\n\\n\n"
    "text: The one {noun} of the list that this user will {verb} next:\\n\n"
    "text: [user]\n"
    "answer: {title}\n",

    "candidate: [item]{title}\n"
    "history: [item]{title}\n"
    "separator: \\n\n"
    "text: The {noun}s to choose from:\\n{candidates}\\n\\n\n"
    "text: The {noun}s that this user has {past}:\\n{history}\\n\\n\n"
    "text: The one {noun} of the list that this user will {verb} next:\\n\n"
    "text: [guess]\n"
    "answer: {title}\n",

    "candidate: \"{title}\"[item]\n"
    "history: \"{title}\"[item]\n"
    "separator: ,\n"
    "text: [user] is a user representation.\n"
    "text: This user has {past} {history} in the previous.\\s\n"
    "text: Recommend one next {noun} for this user to {verb} next from the following "
    "{noun} title set, {candidates}. The recommendation is\\s\n"
    "answer: \"{title}\"\n",

    "candidate: {title}\n"
    "history: [item]{title}\n"
    "separator: \\n\n"
    "text: The {noun}s that this user has {past}:\\n{history}\\n\\n\n"
    "text: The {noun} genre that this user likes best:\\n\n"
    "text: [user]\n"
    "answer: {title}\n",

    "history: {title}\n"
    "separator: \\n\n"
    "text: The next {noun} of a user.\\n\\n\n"
    "text: The {noun}s that this user has {past}:\\n{history}\\n\\n\n"
    "text: The {noun} that this user will {verb} next:\\n\n"
    "text: [user]\n"
    "answer: {title}\n",
};

/* The first of the slots, and another one behind each space. */
static size_t next_slot(const char **slot, size_t n)
{
    *slot += n + (n > 0 && (*slot)[n] == ' ');
    return strcspn(*slot, " ");
}

/* The slot at p is none of those: which was meant? */
static int no_slot(const char *p, const char *slots, struct error *e)
{
    enum { SHOWN = 40 };
    const char *const close = *p == '[' ? "]" : "}", *slot = slots;
    size_t length = strcspn(p + 1, "[]{}") + 1;
    bool closed = p[length] == *close;
    char *word = mem_format("%.*s%s", (int)length, p, close);
    struct near near;

    near_begin(&near, word);
    for (size_t n = next_slot(&slot, 0); n > 0; n = next_slot(&slot, n)) {
        char *known = mem_format("%.*s", (int)n, slot);

        near_offer(&near, known);
        free(known);
    }
    if (closed)
        fail(e, "'%.*s' is no slot that can stand here: %s", SHOWN, word,
             *slots ? slots : "none can");
    else
        fail(e, "'%.*s' begins a slot without '%s'; those that can stand here: %s", SHOWN,
             p, close, *slots ? slots : "none");
    free(word);
    return near_end(e, &near);
}

/* Every [..] and {..} is one of the slots that the part takes, space-separated. */
static int check_slots(const char *text, const char *slots, struct error *e)
{
    for (const char *p = text; (p = strpbrk(p, "[{")); p++) {
        const char *slot = slots;
        size_t n = next_slot(&slot, 0);

        while (n > 0 && strncmp(p, slot, n) != 0)
            n = next_slot(&slot, n);
        if (n == 0)
            return no_slot(p, slots, e);
    }
    return 0;
}

static int put(char **part, char *text, const char *key, struct error *e)
{
    if (*part) {
        free(text);
        return fail(e, "a second '%s:'", key);
    }
    *part = text;
    return 0;
}

/* The kinds of lines: key, slots, and where the text goes (NULL: one more line). */
struct kind {
    const char *key, *slots;
    char **part;
};

static int take_text(struct template *t, const struct kind *k, const char *text,
                     struct error *e)
{
    struct template_line l = { mem_string(text) };

    if (escape_undo(l.text, "ns\\", e) < 0 || check_slots(l.text, k->slots, e) < 0) {
        free(l.text);
        return -1;
    }
    if (k->part)
        return put(k->part, l.text, k->key, e);
    l.has_user = strstr(l.text, "[user]") != NULL;
    l.has_guess = strstr(l.text, "[guess]") != NULL;
    l.has_history = strstr(l.text, "{history}") != NULL;
    MEM_PUSH(t->lines, t->count, t->room, l);
    return 0;
}

static int take_line(struct template *t, const char *line, struct error *e)
{
    static const char entry[] = "[item] {title} {noun} {verb} {past}";
    const struct kind kinds[] = {
        { "candidate", entry, &t->candidate },
        { "history", entry, &t->history },
        { "separator", "", &t->separator },
        { "answer", "{title}", &t->answer },
        { "noun", "", &t->noun },
        { "verb", "", &t->verb },
        { "past", "", &t->past },
        { "bos", "", &t->bos },
        { "text", "[user] [guess] {history} {candidates} {noun} {verb} {past}", NULL },
    };
    static const char *const keys[] = { "candidate", "history", "separator", "answer",
                                        "noun", "verb", "past", "bos", "text", NULL };
    const char *colon = strchr(line, ':');
    size_t n = colon ? (size_t)(colon - line) : 0;

    if (*line == 0 || *line == '#')
        return 0;
    if (!colon || (colon[1] != ' ' && colon[1] != 0))
        return fail(e, "expected 'key: text'");
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strlen(kinds[i].key) == n && strncmp(line, kinds[i].key, n) == 0)
            return take_text(t, &kinds[i], colon + (colon[1] ? 2 : 1), e);
    fail(e, "'%.*s' is none of candidate, history, separator, text, answer, noun, verb, "
            "past, bos", (int)n, line);
    return near_hint(e, line, n, keys);
}

static int check_bos(const struct template *t, struct error *e)
{
    if (!t->bos || template_bos_find(t->bos) != BOS_UNSAID)
        return 0;
    fail(e, "bos: '%s' is none of auto, before, after, none", t->bos);
    return near_hint(e, t->bos, strlen(t->bos), template_bos_names);
}

/* An entry of candidates that no line lists is a line forgotten. */
static int check_choice(const struct template *t, struct error *e)
{
    if (!t->answer)
        return fail(e, "needs 'answer:'");
    if (t->candidate && !t->lists)
        return fail(e, "has 'candidate:', and needs a 'text:' with {candidates}");
    if (t->lists && !t->candidate)
        return fail(e, "has {candidates}, and needs 'candidate:'");
    return 0;
}

/* chooses: among candidates, which it need not list. */
static int parse(struct template *t, bool chooses, struct error *e)
{
    char *copy = mem_string(t->source), *rest = copy, *line;
    int number = 0, result = 0;

    while (result == 0 && (line = strsep(&rest, "\n"))) {
        number++;
        if (take_line(t, line, e) < 0 || check_bos(t, e) < 0)
            result = fail_in(e, "line %d", number);
    }
    free(copy);
    if (result < 0)
        return -1;
    for (int i = 0; i < t->count; i++)
        t->lists |= strstr(t->lines[i].text, "{candidates}") != NULL;
    if (chooses && check_choice(t, e) < 0)
        return -1;
    if (t->count == 0)
        return fail(e, "needs a 'text:'");
    if (t->answer && !strstr(t->answer, "{title}"))
        return fail(e, "'answer:' needs {title}");
    if (!t->candidate)
        t->candidate = mem_string("{title}");
    if (!t->history)
        t->history = mem_string(t->candidate);
    if (!t->separator)
        t->separator = mem_string(", ");
    return 0;
}

/* Lines that end as Windows ends them end with \n alone. */
static char *without_returns(char *text)
{
    char *to = text;

    for (const char *from = text; *from; from++)
        if (from[0] != '\r' || from[1] != '\n')
            *to++ = *from;
    *to = 0;
    return text;
}

static int unknown_name(const char *name, struct error *e)
{
    char list[128] = "";

    for (int i = 0; template_names[i]; i++)
        snprintf(list + strlen(list), sizeof list - strlen(list), ", %s",
                 template_names[i]);
    fail(e, "--template: '%s' is neither a file nor one of %s", name, list + 2);
    return near_hint(e, name, strlen(name), template_names);
}

static int read_source(struct template *t, const char *name, struct error *e)
{
    struct mapped m;
    const char *text;
    size_t n;

    for (int i = 0; template_names[i]; i++)
        if (strcmp(name, template_names[i]) == 0)
            t->source = mem_string(built_in[i]);
    if (!t->source && strchr(name, '\n'))
        t->source = mem_string(name);
    if (t->source)
        return 0;
    if (!strchr(name, '/') && !file_exists(name))
        return unknown_name(name, e);
    if (file_map(&m, name, e) < 0)
        return -1;
    text = file_text(&m, name, &n, e);
    if (text && (n > TEMPLATE_BYTES_MAX || memchr(text, 0, n)))
        fail(e, "%s: no template: over %d bytes, or not text", name, TEMPLATE_BYTES_MAX);
    else if (text)
        t->source = without_returns(mem_format("%.*s\n", (int)n, text));
    file_unmap(&m);
    return t->source ? 0 : -1;
}

static int load(struct template *t, const char *name, bool chooses, struct error *e)
{
    *t = (struct template){ 0 };
    if (read_source(t, name, e) < 0)
        return -1;
    if (parse(t, chooses, e) < 0) {
        template_free(t);
        return fail_in(e, "template %s", strchr(name, '\n') ? "of the stream" : name);
    }
    return 0;
}

int template_load(struct template *t, const char *name, struct error *e)
{
    return load(t, name, true, e);
}

int template_load_text(struct template *t, const char *name, struct error *e)
{
    return load(t, name, false, e);
}

void template_free(struct template *t)
{
    for (int i = 0; i < t->count; i++)
        free(t->lines[i].text);
    free(t->lines);
    free(t->source);
    free(t->candidate);
    free(t->history);
    free(t->separator);
    free(t->answer);
    free(t->noun);
    free(t->verb);
    free(t->past);
    free(t->bos);
    *t = (struct template){ 0 };
}

enum template_bos template_bos_find(const char *name)
{
    for (int i = 0; template_bos_names[i]; i++)
        if (strcmp(name, template_bos_names[i]) == 0)
            return (enum template_bos)i;
    return BOS_UNSAID;
}

struct template_words template_words(const struct template *t)
{
    return (struct template_words){ t->noun, t->verb, t->past,
                                    t->bos ? template_bos_find(t->bos) : BOS_UNSAID };
}

void template_words_fill(struct template_words *w, const struct template_words *other)
{
    w->noun = w->noun ? w->noun : other->noun;
    w->verb = w->verb ? w->verb : other->verb;
    w->past = w->past ? w->past : other->past;
    w->bos = w->bos == BOS_UNSAID ? other->bos : w->bos;
}

int template_shared_lines(const struct template *t)
{
    int n = 0;

    while (n < t->count && !t->lines[n].has_user && !t->lines[n].has_guess &&
           !t->lines[n].has_history)
        n++;
    return n;
}

bool template_has_user(const struct template *t)
{
    for (int i = 0; i < t->count; i++)
        if (t->lines[i].has_user)
            return true;
    return false;
}

bool template_has_guess(const struct template *t)
{
    for (int i = 0; i < t->count; i++)
        if (t->lines[i].has_guess)
            return true;
    return false;
}
