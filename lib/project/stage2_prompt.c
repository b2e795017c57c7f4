#include "project/stage2_prompt.h"

#include "project/soft_tokens.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

/* Which item has the longest title of them, and its tokens. */
static int longest_title(const struct prompter *p, const int *item, int count,
                         int *tokens)
{
    int longest = -1;

    *tokens = 0;
    for (int i = 0; i < count; i++) {
        const char *title = prompt_title(p, item[i]);
        struct error e;
        int *ids, n = bpe_encode(p->bpe, title, strlen(title), &ids, &e);

        if (n >= 0)
            free(ids);
        if (n > *tokens) {
            *tokens = n;
            longest = item[i];
        }
    }
    return longest;
}

enum { TITLE_SHOWN = 60 }; /* bytes */

int stage2_no_room(const struct stage2 *s, const int *items, int count, int need,
                   struct error *e)
{
    const struct prompter *p = &s->prompter;
    int context = decoder_config(s->llm->model)->context, tokens;
    int item = longest_title(p, items, count, &tokens);
    const char *title, *id;
    size_t shown;

    if (item < 0)
        return fail(e, "prompt and answer of %d tokens, the model's context has %d", need,
                    context);
    title = prompt_title(p, item);
    id = s->item_ids && !p->choices ? texts_at(s->item_ids, item) : NULL;
    shown = strnlen(title, TITLE_SHOWN);
    while (((unsigned char)title[shown] & 0xc0) == 0x80)
        shown--;
    return fail(e, "prompt and answer of %d tokens, the model's context has %d; the "
                "longest title, of %d tokens, is that of item %s%.80s%s: '%.*s%s'; "
                "--max-title cuts titles%s",
                need, context, tokens, id ? "'" : "", id ? id : "", id ? "'" : "",
                (int)shown, title, title[shown] ? "..." : "",
                count > 1 ? ", and fewer candidates (cand-sample -n, "
                            "project-train --cands) need less" : "");
}

int stage2_user_prompt(struct codes *out, const struct stage2 *s,
                       const struct example *example, enum split split,
                       const int *candidates, int count, int other, struct error *e)
{
    int context = decoder_config(s->llm->model)->context, start = out->n, dropped = 0;
    int *shown = mem_new((size_t)s->history_length + 1, sizeof *shown);
    struct prompt_user u = { .present = example->x != NULL,
                             .guessed = example->x && count > 0, .history = shown };
    int result = 0;

    if (s->history && s->history_length > 0)
        u.history_count = history_window(s->history, example->user, example->row, split,
                                         s->history_length, shown);
    for (;; dropped++, u.history++, u.history_count--) { /* the oldest goes first */
        out->n = start;
        result = prompt_own(out, &s->prompter, &u, candidates, count, e);
        if (result < 0 || other + out->n - start <= context)
            break;
        if (u.history_count == 0) {
            result = stage2_no_room(s, candidates, count, other + out->n - start, e);
            break;
        }
    }
    free(shown);
    return result < 0 ? -1 : dropped;
}

int stage2_request_codes(struct codes *shared, struct codes *own,
                         struct answer_trie *answers, const struct stage2 *s,
                         const struct stage2_request *request, struct error *e)
{
    const struct stage2_request *r = request;
    int dropped;

    if (answer_trie_build(answers, &s->prompter, r->candidate, r->count, e) < 0 ||
        prompt_shared(shared, &s->prompter, r->candidate, r->count, e) < 0)
        return -1;
    dropped = stage2_user_prompt(own, s, &r->example, r->split, r->candidate, r->count,
                                 shared->n + answer_trie_longest(answers), e);
    if (dropped >= 0 && own->n == 0)
        return fail(e, "the prompt is empty");
    return dropped;
}

static void embed(struct stage2_prompt *p, const struct stage2 *s,
                  const struct example *example, const struct codes *codes,
                  const struct guess_list *list)
{
    const struct decoder *m = s->llm->model;
    size_t width = (size_t)decoder_config(m)->embed_width;
    struct token_tree q = { 0 };
    struct soft_tokens tokens;
    struct soft_batch soft;
    int user_of = 0;

    token_tree_open(&q, -1);
    token_tree_add(&q, codes->list, codes->n);
    soft_tokens_begin(&soft, s);
    soft_tokens_collect(&soft, &q);
    soft_tokens_collect_list(&soft, list);
    soft_tokens_project(&soft, &example->x, example->x ? 1 : 0);
    soft_tokens_guess(&soft, 0, example, list);
    tokens = soft_tokens(&soft, 0);
    p->rows = q.rows;
    p->embeddings = mem_new((size_t)q.rows * width, sizeof *p->embeddings);
    token_tree_embed(p->embeddings, &q, m, &tokens, &user_of);
    soft_tokens_free(&soft);
    token_tree_free(&q);
}

/* The likeliest of the candidates, where a guess is about them. */
static int best_hypothesis(const struct stage2 *s, const struct example *u,
                           const int *candidates, int count)
{
    double *p = mem_new((size_t)count + 1, sizeof *p);
    int best = 0;

    if (s->guess.each && u->x && count > 0)
        guess_belief(p, &s->guess, u, candidates, NULL, count);
    for (int c = 1; c < count; c++)
        best = p[c] > p[best] ? c : best;
    free(p);
    return best;
}

int stage2_prompt(struct stage2_prompt *p, const struct stage2 *s,
                  const struct example *example, enum split split, const int *candidates,
                  int count, int reserve, struct error *e)
{
    struct codes codes = { 0 };
    int result = prompt_shared(&codes, &s->prompter, candidates, count, e);

    *p = (struct stage2_prompt){ 0 };
    if (result == 0)
        result = stage2_user_prompt(&codes, s, example, split, candidates, count,
                                    codes.n + reserve, e);
    p->dropped = result;
    if (result >= 0 && codes.n == 0)
        result = fail(e, "the prompt is empty");
    if (result >= 0)
        embed(p, s, example, &codes,
              &(struct guess_list){ candidates, NULL, count, 0,
                                    best_hypothesis(s, example, candidates, count) });
    codes_free(&codes);
    return result < 0 ? -1 : 0;
}
