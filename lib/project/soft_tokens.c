#include "project/soft_tokens.h"

#include "project/mixed_items.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

void soft_tokens_begin(struct soft_batch *f, const struct stage2 *s)
{
    *f = (struct soft_batch){ .s = s };
    f->slot = mem_new((size_t)mixed_items_numbers(s), sizeof *f->slot);
    for (int i = 0; i < mixed_items_numbers(s); i++)
        f->slot[i] = -1;
}

void soft_tokens_free(struct soft_batch *f)
{
    free(f->slot);
    free(f->items);
    free(f->item_x);
    free(f->user_x);
    free(f->item_y);
    free(f->user_y);
    free(f->ditem_y);
    free(f->duser_y);
    for (int i = 0; i < f->guess_count; i++)
        guess_row_free(&f->guesses[i]);
    free(f->guesses);
    free(f->guess_y);
    free(f->dguess_y);
    projector_state_free(f->item_state);
    projector_state_free(f->user_state);
    *f = (struct soft_batch){ 0 };
}

static void collect(struct soft_batch *f, int number)
{
    if (f->slot[number] >= 0)
        return;
    f->slot[number] = f->item_count;
    MEM_PUSH(f->items, f->item_count, f->room, number);
}

void soft_tokens_collect(struct soft_batch *f, const struct token_tree *q)
{
    for (int i = 0; i < q->rows; i++)
        if (CODE_IS_ITEM(q->code[i]))
            collect(f, CODE_ITEM_OF(q->code[i]));
}

void soft_tokens_collect_list(struct soft_batch *f, const struct guess_list *l)
{
    for (int c = 0; c < l->count && f->s->guess.count > 0; c++)
        collect(f, mixed_items_number(f->s, l->mix, l->candidate[c]));
}

static void project_items(struct soft_batch *f)
{
    const struct projector *p = &f->s->item;
    size_t n = (size_t)f->item_count;

    f->item_x = mem_new(n * (size_t)p->in, sizeof(real));
    f->item_y = mem_new(n * (size_t)p->width, sizeof(real));
    f->ditem_y = mem_new(n * (size_t)p->width, sizeof(real));
    for (int i = 0; i < f->item_count; i++)
        standardise_apply(f->item_x + (size_t)i * (size_t)p->in, &f->s->item_standard,
                          mixed_items_vector(f->s, f->items[i]), p->in);
    f->item_state = projector_state_new(p, f->item_count);
    projector_forward(f->item_y, f->item_state, p, &f->s->params, f->item_x,
                      f->item_count);
    for (int i = 0; i < f->item_count; i++)
        item_words_add(f->item_y + (size_t)i * (size_t)p->width, &f->s->words,
                       f->s->llm->model, f->items[i] % f->s->item_count);
}

static void project_users(struct soft_batch *f, const float *const *x)
{
    const struct projector *p = &f->s->user;
    size_t n = (size_t)f->user_count;

    f->user_x = mem_new(n * (size_t)p->in, sizeof(real));
    f->user_y = mem_new(n * (size_t)p->width, sizeof(real));
    f->duser_y = mem_new(n * (size_t)p->width, sizeof(real));
    for (int i = 0; i < f->user_count; i++)
        if (x[i])
            standardise_apply(f->user_x + (size_t)i * (size_t)p->in, &f->s->user_standard,
                              x[i], p->in);
    f->user_state = projector_state_new(p, f->user_count);
    projector_forward(f->user_y, f->user_state, p, &f->s->params, f->user_x,
                      f->user_count);
}

void soft_tokens_project(struct soft_batch *f, const float *const *x, int users)
{
    size_t guesses = (size_t)users * (size_t)f->s->guess.count * (size_t)f->s->item.width;

    f->user_count = f->s->prompter.users ? users : 0;
    if (f->s->guess.count > 0) {
        f->guess_count = users;
        f->guesses = mem_new((size_t)users, sizeof *f->guesses);
        f->guess_y = mem_new(guesses, sizeof(real));
        f->dguess_y = mem_new(guesses, sizeof(real));
    }
    if (f->item_count > 0)
        project_items(f);
    if (f->user_count > 0)
        project_users(f, x);
}

void soft_tokens_guess(struct soft_batch *f, int at, const struct example *u,
                       const struct guess_list *l)
{
    const struct stage2 *s = f->s;
    int K = s->guess.count, *slot;

    if (K == 0 || !u->x || l->count == 0)
        return;
    slot = mem_new((size_t)l->count, sizeof *slot);
    for (int c = 0; c < l->count; c++)
        slot[c] = f->slot[mixed_items_number(s, l->mix, l->candidate[c])];
    if (s->guess.each)
        guess_row_hypothesis(&f->guesses[at], slot, l->count, l->hypothesis);
    else
        guess_row_new(&f->guesses[at], &s->guess, u, l->candidate, slot, l->admitted,
                      l->count);
    guess_forward(f->guess_y + (size_t)at * (size_t)K * (size_t)s->item.width,
                  &f->guesses[at], K, f->item_y, s->item.width);
    free(slot);
}

struct soft_tokens soft_tokens(const struct soft_batch *f, int first)
{
    size_t width = (size_t)decoder_config(f->s->llm->model)->embed_width;

    return (struct soft_tokens){
        .user = f->user_y ? f->user_y + (size_t)first * width : NULL,
        .guess = f->guess_y ? f->guess_y + (size_t)first *
                                               (size_t)f->s->guess.count * width
                            : NULL,
        .guesses = f->s->guess.count,
        .item = f->item_y,
        .item_slot = f->slot,
    };
}

static void add_row(real *to, const real *from, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] += from[i];
}

static bool is_soft(int code)
{
    return code == CODE_USER || CODE_IS_GUESS(code) || CODE_IS_ITEM(code);
}

long soft_tokens_rows(const struct token_tree *q)
{
    long n = 0;

    for (int i = 0; i < q->rows; i++)
        n += is_soft(q->code[i]);
    return n;
}

void soft_tokens_pick(real *soft, const real *rows, const struct token_tree *q, int width)
{
    for (int i = 0; i < q->rows; i++)
        if (is_soft(q->code[i])) {
            memcpy(soft, rows + (size_t)i * (size_t)width, (size_t)width * sizeof *soft);
            soft += width;
        }
}

void soft_tokens_gather_gradient(struct soft_batch *f, const struct token_tree *q,
                                 const real *dsoft, const int *user_of, int first)
{
    size_t width = (size_t)decoder_config(f->s->llm->model)->embed_width;
    const real *d = dsoft;

    for (int g = 0; g < q->segments; g++)
        for (int i = q->segment[g].first; i < q->segment[g].end; i++) {
            int code = q->code[i];

            if (code == CODE_USER)
                add_row(f->duser_y + (size_t)(first + user_of[g]) * width, d, width);
            else if (CODE_IS_GUESS(code))
                add_row(f->dguess_y + ((size_t)(first + user_of[g]) *
                                           (size_t)f->s->guess.count +
                                       (size_t)CODE_GUESS_OF(code)) * width,
                        d, width);
            else if (CODE_IS_ITEM(code))
                add_row(f->ditem_y + (size_t)f->slot[CODE_ITEM_OF(code)] * width, d,
                        width);
            d += is_soft(code) ? width : 0;
        }
}

void soft_tokens_backward(struct soft_batch *f, real *grad)
{
    int K = f->s->guess.count, width = f->s->item.width;

    for (int i = 0; i < f->guess_count; i++)
        guess_backward(f->ditem_y, &f->guesses[i], K, f->item_y,
                       f->dguess_y + (size_t)i * (size_t)K * (size_t)width, width);
    if (f->item_count > 0)
        projector_backward(grad, f->item_state, &f->s->item, &f->s->params, f->ditem_y);
    if (f->user_count > 0)
        projector_backward(grad, f->user_state, &f->s->user, &f->s->params, f->duser_y);
}
