#include "project/stage2_show.h"

#include "prompt/prompt_text.h"

static void print_prompt(FILE *out, const char *whose, const struct stage2 *s,
                         const struct codes *prompt)
{
    fprintf(out, "%s: a prompt of %d tokens, %d of them soft; the context has %d\n",
            whose, prompt->n, prompt_soft_count(prompt),
            decoder_config(s->llm->model)->context);
    prompt_print(out, &s->prompter, prompt, "| ");
}

static void print_answers(FILE *out, const struct stage2 *s,
                          const struct answer_trie *answers)
{
    char begin[32];

    fprintf(out, "answers of %d candidates, each behind the number of its tokens:\n",
            answers->count);
    for (int i = 0; i < answers->count; i++) {
        snprintf(begin, sizeof begin, "%4d | ", answers->list[i].n);
        prompt_print(out, &s->prompter, &answers->list[i], begin);
    }
}

int stage2_show(FILE *out, const char *whose, const struct stage2 *s,
                const struct stage2_request *request, struct error *e)
{
    struct codes prompt = { 0 };
    struct answer_trie answers = { 0 };
    int dropped = stage2_request_codes(&prompt, &prompt, &answers, s, request, e);

    if (dropped >= 0) {
        print_prompt(out, whose, s, &prompt);
        print_answers(out, s, &answers);
    }
    codes_free(&prompt);
    answer_trie_free(&answers);
    return dropped;
}
