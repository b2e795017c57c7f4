#include "sbert/sentence_model.h"

#include "llm/decoder_load.h"
#include "sbert/bert.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

static bool is_decoder(const struct json_file *config)
{
    const char *type = json_string_value(json_object_get(config->root, "model_type"));

    return type && strcmp(type, SENTENCE_DECODER) == 0;
}

static int open_decoder(struct sentence_model *m, const char *folder,
                        enum frozen_precision precision, struct error *e)
{
    const struct decoder_config *c;

    m->decoder = decoder_load_body(folder, precision, e);
    if (!m->decoder)
        return -1;
    c = decoder_config(m->decoder);
    m->width = c->embed_width;
    m->words = c->vocab;
    m->positions = c->context;
    return 0;
}

int sentence_model_open(struct sentence_model *m, const char *folder, const char *hint,
                        enum frozen_precision precision, struct error *e)
{
    *m = (struct sentence_model){ .folder = hf_open(folder, e) };
    if (!m->folder)
        return -1;
    if (is_decoder(hf_config(m->folder)))
        return open_decoder(m, folder, precision, e);
    m->bert = bert_load(m->folder, hint, precision, e);
    if (!m->bert)
        return -1;
    m->width = m->bert->width;
    m->words = m->bert->words;
    m->positions = m->bert->positions;
    return 0;
}

void sentence_model_close(struct sentence_model *m)
{
    bert_free(m->bert);
    decoder_free(m->decoder);
    hf_close(m->folder);
}

/* Of a decoder the arrays are made for the largest pack that came: contexts are long,
 * texts are short. */
struct model_room {
    struct bert_room *bert;
    struct decoder_workspace *w;
    int rows; /* that w and the arrays are for */
    real *embeddings;
    int *position, *want;
    struct decoder_segment *segment;
};

struct model_room *model_room_new(const struct sentence_model *m, int most)
{
    struct model_room *r = mem_new(1, sizeof *r);

    if (m->bert)
        r->bert = bert_room_new(m->bert, most);
    return r;
}

static void free_arrays(struct model_room *r)
{
    decoder_workspace_free(r->w);
    free(r->embeddings);
    free(r->position);
    free(r->want);
    free(r->segment);
}

void model_room_free(struct model_room *r)
{
    if (r->bert)
        bert_room_free(r->bert);
    free_arrays(r);
    free(r);
}

static void grow(const struct sentence_model *m, struct model_room *r, int rows)
{
    size_t n = (size_t)rows;

    if (rows <= r->rows)
        return;
    free_arrays(r);
    r->rows = rows;
    r->w = decoder_workspace_new(m->decoder, rows, rows, DECODER_FORWARD);
    r->embeddings = mem_new(n * (size_t)m->width, sizeof *r->embeddings);
    r->position = mem_new(n, sizeof *r->position);
    r->want = mem_new(n, sizeof *r->want);
    r->segment = mem_new(n, sizeof *r->segment); /* a text has a token or more */
}

/* Each text is a segment of its own and sees no other. */
static const real *run_decoder(const struct sentence_model *m, struct model_room *r,
                               const int *id, const int *start, int texts)
{
    int rows = start[texts] - start[0];
    struct decoder_pack pack = { rows, NULL, NULL, texts, NULL, rows, NULL };

    grow(m, r, rows);
    for (int s = 0; s < texts; s++) {
        int first = start[s] - start[0], end = start[s + 1] - start[0];

        r->segment[s] = (struct decoder_segment){ -1, first, end };
        for (int i = first; i < end; i++) {
            r->position[i] = i - first;
            r->want[i] = i;
            decoder_embed(m->decoder, id[start[0] + i],
                          r->embeddings + (size_t)i * (size_t)m->width);
        }
    }
    pack.embeddings = r->embeddings;
    pack.position = r->position;
    pack.segment = r->segment;
    pack.want = r->want;
    decoder_forward(m->decoder, &pack, r->w);
    return decoder_hidden(r->w);
}

const real *sentence_model_run(const struct sentence_model *m, struct model_room *r,
                               const int *id, const int *start, int texts)
{
    return m->bert ? bert_forward(m->bert, r->bert, id, start, texts)
                   : run_decoder(m, r, id, start, texts);
}
