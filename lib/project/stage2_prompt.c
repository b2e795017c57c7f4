#include "project/stage2_prompt.h"

#include "project/soft_tokens.h"
#include "util/mem.h"

#include <stdlib.h>

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
    soft_tokens_guess(&soft, 0, example->x, list);
    tokens = soft_tokens(&soft, 0);
    p->rows = q.rows;
    p->embeddings = mem_new((size_t)q.rows * width, sizeof *p->embeddings);
    token_tree_embed(p->embeddings, &q, m, &tokens, &user_of);
    soft_tokens_free(&soft);
    token_tree_free(&q);
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
              &(struct guess_list){ candidates, NULL, count, 0 });
    codes_free(&codes);
    return result < 0 ? -1 : 0;
}
