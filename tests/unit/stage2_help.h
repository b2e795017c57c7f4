/* A small stage 2 for tests: the tiny LLM, nine titles, three users. */
#ifndef TESTS_UNIT_STAGE2_HELP_H
#define TESTS_UNIT_STAGE2_HELP_H

#include "project/stage2.h"
#include "util/mem.h"
#include "util/rng.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define TINY "tests/fixtures/tiny/SmolLM2.gguf"

enum { USERS = 3, ITEMS = 9, USER_IN = 5, ITEM_IN = 7 };

/* Titles that begin alike, contain each other, and are the same. */
static const char *const title_list[ITEMS] = {
    "Alien (1979)", "Aliens (1986)", "Alien 3 (1992)", "The Crow", "The Crow (1994)",
    "Heat", "Heat", "Toy Story (1995)", "Cité des enfants perdus",
};

/* Each user's items in order: training, then validation, then test. */
static const int32_t item_list[] = { 0, 5, 3, 7, 1, 8, 2, 6, 4, 0, 1, 3, 8, 5 };
static const int32_t user_list[] = { 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2 };
static const uint8_t split_list[] = { 0, 0, 0, 0, 1, 2, 0, 0, 0, 1, 2, 0, 0, 1 };
enum { ROWS = sizeof item_list / sizeof *item_list };

struct small {
    struct llm llm;
    struct texts titles;
    struct template template;
    struct history history;
    struct stage2 stage2;
    bool takes_users; /* though the template may have no [user] */
    float items[ITEMS * ITEM_IN], users[USERS * USER_IN];
};

/* On any LLM. */
static inline void small_on(struct small *m, const char *llm, const char *template,
                            bool users, bool items)
{
    rng r = rng_keyed("small", 1, 0, 0);
    struct error e;

    *m = (struct small){ 0 };
    if (llm_open(&m->llm, llm, FROZEN_REAL, &e) < 0 ||
        template_load(&m->template, template, &e) < 0 ||
        history_new(&m->history, user_list, item_list, NULL, split_list, ROWS, USERS,
                    ITEMS, &e) < 0)
        fail_msg("%s", e.text);
    for (int i = 0; i < ITEMS; i++)
        texts_add(&m->titles, title_list[i], strlen(title_list[i]));
    for (int i = 0; i < ITEMS * ITEM_IN; i++)
        m->items[i] = (float)rng_normal(&r);
    for (int i = 0; i < USERS * USER_IN; i++)
        m->users[i] = (float)rng_normal(&r);
    m->stage2 = (struct stage2){
        .llm = &m->llm,
        .prompter = { .template = &m->template, .bpe = m->llm.bpe, .titles = &m->titles,
                      .words = { "film", "see", "seen", BOS_AUTO }, .users = users,
                      .items = items },
        .history = &m->history, .history_length = 2,
        .items = m->items, .item_count = ITEMS,
    };
}

static inline void small_new(struct small *m, const char *template, bool users,
                             bool items)
{
    small_on(m, TINY, template, users, items);
}

/* Both projections with random weights. */
static inline void small_project(struct small *m)
{
    struct stage2 *s = &m->stage2;
    int width = decoder_config(m->llm.model)->embed_width;

    if (s->prompter.users)
        projector_add(&s->user, &s->params, PROJECTOR_USER, USER_IN, width, true);
    if (s->prompter.items)
        projector_add(&s->item, &s->params, PROJECTOR_ITEM, ITEM_IN, width, true);
    params_allocate(&s->params);
    if (s->prompter.users)
        projector_init(&s->user, &s->params, 3);
    if (s->prompter.items)
        projector_init(&s->item, &s->params, 3);
}

/* User u's last training item, and its vector. */
static inline struct example small_example(const struct small *m, int u)
{
    int64_t row = history_target(&m->history, u, SPLIT_TRAIN);

    return (struct example){ u, m->history.item[row], row,
                             m->stage2.prompter.users || m->takes_users
                                 ? m->users + u * USER_IN
                                 : NULL };
}

static inline void small_free(struct small *m)
{
    params_free(&m->stage2.params);
    standardise_free(&m->stage2.user_standard);
    standardise_free(&m->stage2.item_standard);
    history_free(&m->history);
    template_free(&m->template);
    texts_free(&m->titles);
    llm_close(&m->llm);
}

#endif
