#include "prompt/token_tree.h"

#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

void token_tree_clear(struct token_tree *s)
{
    s->rows = s->segments = s->wanted = s->terms = 0;
}

void token_tree_free(struct token_tree *s)
{
    free(s->code);
    free(s->position);
    free(s->segment);
    free(s->want);
    free(s->term);
    *s = (struct token_tree){ 0 };
}

/* The position after a segment's last row, or after its parent's if it is empty. */
static int next_position(const struct token_tree *s, int segment)
{
    while (segment >= 0) {
        const struct decoder_segment *g = &s->segment[segment];

        if (g->end > g->first)
            return s->position[g->end - 1] + 1;
        segment = g->parent;
    }
    return 0;
}

int token_tree_open(struct token_tree *s, int parent)
{
    struct decoder_segment g = { parent, s->rows, s->rows };

    MEM_PUSH(s->segment, s->segments, s->segment_room, g);
    return s->segments - 1;
}

void token_tree_add(struct token_tree *s, const int *codes, int n)
{
    int position = next_position(s, s->segments - 1);

    for (int i = 0; i < n; i++) {
        int rows = s->rows;

        MEM_PUSH(s->code, rows, s->code_room, codes[i]);
        MEM_PUSH(s->position, s->rows, s->position_room, position + i);
    }
    s->segment[s->segments - 1].end = s->rows;
}

int token_tree_want(struct token_tree *s)
{
    if (s->wanted == 0 || s->want[s->wanted - 1] != s->rows - 1)
        MEM_PUSH(s->want, s->wanted, s->want_room, s->rows - 1);
    return s->wanted - 1;
}

int token_tree_term(struct token_tree *s, int want, int token, bool raw)
{
    struct decoder_term t = { want, token, raw };

    MEM_PUSH(s->term, s->terms, s->term_room, t);
    return s->terms - 1;
}

void token_tree_embed(real *embeddings, const struct token_tree *s,
                      const struct decoder *m, const struct soft_tokens *soft,
                      const int *user_of)
{
    size_t width = (size_t)decoder_config(m)->embed_width;

    for (int g = 0; g < s->segments; g++)
        for (int i = s->segment[g].first; i < s->segment[g].end; i++) {
            real *row = embeddings + (size_t)i * width;
            int code = s->code[i];

            if (code == CODE_USER)
                memcpy(row, soft->user + (size_t)user_of[g] * width,
                       width * sizeof *row);
            else if (CODE_IS_GUESS(code))
                memcpy(row,
                       soft->guess + ((size_t)user_of[g] * (size_t)soft->guesses +
                                      (size_t)CODE_GUESS_OF(code)) * width,
                       width * sizeof *row);
            else if (CODE_IS_ITEM(code))
                memcpy(row,
                       soft->item + (size_t)soft->item_slot[CODE_ITEM_OF(code)] * width,
                       width * sizeof *row);
            else
                decoder_embed(m, code, row);
        }
}

struct decoder_pack token_tree_pack(const struct token_tree *s, const real *embeddings)
{
    return (struct decoder_pack){
        .rows = s->rows, .embeddings = embeddings, .position = s->position,
        .segments = s->segments, .segment = s->segment,
        .wanted = s->wanted, .want = s->want,
    };
}
