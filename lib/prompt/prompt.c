#include "prompt/prompt.h"

#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

/* Text gathers until a soft token cuts it; then it is tokenised as one piece. */
struct building {
    struct codes *out;
    const struct prompter *p;
    const struct prompt_user *user;
    const int *candidates;
    int count;
    char *text;
    size_t n, room;
    bool begun; /* some text is there already */
    bool user_seen;
    bool choosing; /* inside of {candidates} */
    struct error *e;
};

static void push(struct codes *c, int code)
{
    MEM_PUSH(c->list, c->n, c->room, code);
}

int codes_common(const struct codes *parts, int count)
{
    for (int common = 0; count > 0; common++)
        for (int i = 0; i < count; i++) {
            int code = common + 1 < parts[i].n ? parts[i].list[common] : CODE_USER;

            if (code == CODE_USER || CODE_IS_GUESS(code) || code != parts[0].list[common])
                return common;
        }
    return 0;
}

void codes_free(struct codes *c)
{
    free(c->list);
    *c = (struct codes){ 0 };
}

/* next: the text goes on after another. */
static int encode(struct codes *out, const struct prompter *p, const char *text, size_t n,
                  bool next, struct error *e)
{
    int *ids, count = next ? bpe_encode_next(p->bpe, text, n, &ids, e)
                           : bpe_encode(p->bpe, text, n, &ids, e);

    if (count < 0)
        return -1;
    for (int i = 0; i < count; i++)
        push(out, ids[i]);
    free(ids);
    return 0;
}

static void add_text(struct building *b, const char *text, size_t n)
{
    if (n == 0)
        return; /* memcpy takes no NULL, not even for nothing */
    if (b->n + n > b->room) {
        b->room = 2 * (b->n + n);
        b->text = mem_resize(b->text, b->room, 1);
    }
    memcpy(b->text + b->n, text, n);
    b->n += n;
}

static int flush(struct building *b)
{
    int result = b->n ? encode(b->out, b->p, b->text, b->n, b->begun, b->e) : 0;

    b->begun |= b->n > 0;
    b->n = 0;
    return result;
}

static int add_soft(struct building *b, int code)
{
    if (flush(b) < 0)
        return -1;
    push(b->out, code);
    return 0;
}

static int add_item_slot(struct building *b, int item)
{
    const struct prompter *p = b->p;

    if (b->choosing && p->choices)
        return 0; /* texts have no vectors */
    if (item < 0 || !p->items || (p->item_present && !p->item_present[item]))
        return 0;
    return add_soft(b, CODE_ITEM(item));
}

/* The start token follows the first user token where the template says so. */
static int add_user_slot(struct building *b)
{
    int bos = bpe_bos(b->p->bpe);

    if (add_soft(b, CODE_USER) < 0)
        return -1;
    if (!b->user_seen && b->p->words.bos == BOS_AFTER && bos >= 0)
        push(b->out, bos);
    b->user_seen = true;
    return 0;
}

static int add_guess_slot(struct building *b)
{
    for (int k = 0; k < b->p->guesses; k++)
        if (add_soft(b, CODE_GUESS(k)) < 0)
            return -1;
    return 0;
}

static int render(struct building *b, const char *text, int item);

static int render_list(struct building *b, const char *entry, const int *items, int n)
{
    const char *separator = b->p->template->separator;

    for (int i = 0; i < n; i++) {
        if (i > 0)
            add_text(b, separator, strlen(separator));
        if (render(b, entry, items[i]) < 0)
            return -1;
    }
    return 0;
}

/* What {title} names: items, or what is to be chosen among. */
static const struct texts *named(const struct prompter *p, bool choosing)
{
    return choosing && p->choices ? p->choices : p->titles;
}

static int render_candidates(struct building *b)
{
    int result;

    b->choosing = true;
    result = render_list(b, b->p->template->candidate, b->candidates, b->count);
    b->choosing = false;
    return result;
}

static bool slot_is(const char *text, const char *slot)
{
    return strncmp(text, slot, strlen(slot)) == 0;
}

/* One slot; item is the entry's, or -1 outside of entries. */
static int render_slot(struct building *b, const char *slot, int item)
{
    const struct prompter *p = b->p;
    const struct template *t = p->template;
    const char *word = slot_is(slot, "{noun}")   ? p->words.noun
                       : slot_is(slot, "{verb}") ? p->words.verb
                       : slot_is(slot, "{past}") ? p->words.past
                                                 : NULL;

    if (word)
        add_text(b, word, strlen(word));
    else if (slot_is(slot, "[user]"))
        return add_user_slot(b);
    else if (slot_is(slot, "[guess]"))
        return add_guess_slot(b);
    else if (slot_is(slot, "[item]"))
        return add_item_slot(b, item);
    else if (slot_is(slot, "{title}") && item >= 0)
        add_text(b, texts_at(named(p, b->choosing), item),
                 texts_length(named(p, b->choosing), item));
    else if (slot_is(slot, "{candidates}") && item < 0)
        return render_candidates(b);
    else if (slot_is(slot, "{history}") && item < 0 && b->user)
        return render_list(b, t->history, b->user->history, b->user->history_count);
    return 0;
}

static int render(struct building *b, const char *text, int item)
{
    while (*text) {
        size_t plain = strcspn(text, "[{");

        add_text(b, text, plain);
        text += plain;
        if (!*text)
            break;
        if (render_slot(b, text, item) < 0)
            return -1;
        text += strcspn(text, "]}") + 1;
    }
    return 0;
}

/* A line without its user's vector or history would leave words that dangle. */
static bool dropped(const struct building *b, const struct template_line *l)
{
    bool user = b->p->users && b->user && b->user->present;
    bool guess = b->p->guesses > 0 && b->user && b->user->guessed;

    return (l->has_user && !user) || (l->has_guess && !guess) ||
           (l->has_history && (!b->user || b->user->history_count == 0));
}

static int render_lines(struct building *b, int first, int end)
{
    const struct template *t = b->p->template;
    int result = 0;

    for (int i = first; i < end && result == 0; i++)
        if (!dropped(b, &t->lines[i]))
            result = render(b, t->lines[i].text, -1);
    if (result == 0)
        result = flush(b);
    free(b->text);
    return result;
}

static bool bos_first(const struct prompter *p)
{
    return bpe_bos(p->bpe) >= 0 && (p->words.bos == BOS_BEFORE ||
                                    (p->words.bos == BOS_AUTO && bpe_adds_bos(p->bpe)));
}

int prompt_shared(struct codes *out, const struct prompter *p, const int *candidates,
                  int count, struct error *e)
{
    struct building b = { .out = out, .p = p, .candidates = candidates, .count = count,
                          .e = e };

    if (bos_first(p))
        push(out, bpe_bos(p->bpe));
    return render_lines(&b, 0, template_shared_lines(p->template));
}

int prompt_own(struct codes *out, const struct prompter *p, const struct prompt_user *u,
               const int *candidates, int count, struct error *e)
{
    struct building b = { .out = out, .p = p, .user = u, .candidates = candidates,
                          .count = count, .e = e,
                          .begun = template_shared_lines(p->template) > 0 };

    return render_lines(&b, template_shared_lines(p->template), p->template->count);
}

int prompt_answer(struct codes *out, const struct prompter *p, int item, struct error *e)
{
    const char *answer = p->template->answer, *slot = strstr(answer, "{title}");
    char *text = mem_format("%.*s%s%s", (int)(slot - answer), answer,
                            texts_at(named(p, true), item), slot + strlen("{title}"));
    int result = encode(out, p, text, strlen(text), true, e);

    free(text);
    if (result == 0 && bpe_eos(p->bpe) >= 0)
        push(out, bpe_eos(p->bpe));
    return result;
}

const char *prompt_title(const struct prompter *p, int item)
{
    return texts_at(named(p, true), item);
}

size_t prompt_title_bytes(const struct prompter *p, int item)
{
    return texts_length(named(p, true), item);
}
