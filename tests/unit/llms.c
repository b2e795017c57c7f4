/* Every family of models against transformers (tests/fixtures/llms.py), from folders and
 * from GGUF files: log-probabilities, gradients, and the same rows written one by one. */
#include "decoder_help.h"
#include "temporary.h"

#include "llm/decoder_cache.h"
#include "llm/decoder_write.h"

#include <unistd.h>

#define LLMS "tests/fixtures/llms/"

static const char *const families[] = {
    "llama-yarn", "llama-dynamic", "mistral", "ministral", "qwen2", "qwen2-window",
    "qwen3", "smollm3", "granite", "phi3", "gemma", "gemma2", "gemma3", "olmo2",
    "gpt_neox", "gpt2",
};

enum { FAMILIES = sizeof families / sizeof *families };

static char *path_of(const char *family, const char *ending)
{
    return mem_format("%s%s%s", LLMS, family, ending);
}

static void compare_family(const char *ending, enum frozen_precision precision)
{
    for (int i = 0; i < FAMILIES; i++) {
        char *path = path_of(families[i], ending);
        char *expected = path_of(families[i], ".expected");

        print_message("%s\n", path);
        compare(path, precision, expected);
        free(path);
        free(expected);
    }
}

static void folders_equal_transformers(void **state)
{
    (void)state;
    compare_family("", FROZEN_REAL);
}

static void stored_folders_equal_transformers(void **state)
{
    (void)state;
    compare_family("", FROZEN_STORED);
}

static void gguf_equals_transformers(void **state)
{
    (void)state;
    compare_family(".gguf", FROZEN_REAL);
}

static void stored_gguf_equals_transformers(void **state)
{
    (void)state;
    compare_family(".gguf", FROZEN_STORED);
}

/* A prompt of 9 tokens goes into the cache at once, the others follow one by one. */
static void check_steps(const char *path)
{
    enum { N = 32, PROMPT = 9 };
    struct decoder *m = load(path);
    const struct decoder_config *c = decoder_config(m);
    struct decoder_cache *cache = decoder_cache_new(m, N);
    struct decoder_stepper *stepper = decoder_stepper_new(m, 1, N);
    struct decoder_workspace *w = decoder_workspace_new(m, N, 1, DECODER_FORWARD);
    real logp[N], *x, *logits = mem_new((size_t)c->vocab, sizeof *logits);
    int id[N];

    for (int i = 0; i < N; i++)
        id[i] = i * 7 % c->vocab;
    plain(m, id, N, logp, NULL);
    x = embed_all(m, id, N);
    decoder_fill(m, cache, x, PROMPT, w);
    for (int i = PROMPT; i + 1 < N; i++) {
        double sum = 0;

        decoder_step(m, stepper, &cache, x + i * c->embed_width, 1, logits);
        for (int v = 0; v < c->vocab; v++)
            sum += exp((double)logits[v]);
        assert_float_equal((double)logits[id[i + 1]] - log(sum), (double)logp[i], 2e-5);
    }
    decoder_cache_free(cache);
    decoder_stepper_free(stepper);
    decoder_workspace_free(w);
    free(logits);
    free(x);
    decoder_free(m);
}

static void steps_equal_forward(void **state)
{
    (void)state;
    for (int i = 0; i < FAMILIES; i++) {
        char *path = path_of(families[i], "");

        print_message("%s\n", path);
        check_steps(path);
        free(path);
    }
}

/* Two continuations below one beginning, longer than any window, say what each does as a
 * sequence of its own. */
static void check_tree(const char *path)
{
    enum { FIRST = 17, NEXT = 8, N = FIRST + NEXT, ROWS = FIRST + 2 * NEXT };
    const struct decoder_segment segment[] = { { -1, 0, FIRST },
                                               { 0, FIRST, N },
                                               { 0, N, ROWS } };
    struct decoder *m = load(path);
    struct decoder_workspace *w = decoder_workspace_new(m, ROWS, 2 * NEXT,
                                                        DECODER_FORWARD);
    struct decoder_term term[2 * NEXT - 2];
    int id[2][N], all[ROWS], position[ROWS], want[2 * NEXT], terms = 0;
    real alone[2][N], together[2 * NEXT], *x;

    for (int i = 0; i < ROWS; i++) {
        position[i] = i < N ? i : i - NEXT;
        all[i] = i * 11 % decoder_config(m)->vocab;
    }
    for (int i = 0; i < N; i++) {
        id[0][i] = all[i];
        id[1][i] = all[i < FIRST ? i : i + NEXT];
    }
    for (int k = 0; k < 2 * NEXT; k++) {
        want[k] = FIRST + k;
        if (k % NEXT < NEXT - 1)
            term[terms++] = (struct decoder_term){ k, all[FIRST + k + 1], false };
    }
    x = embed_all(m, all, ROWS);
    struct decoder_pack p = { ROWS, x, position, 3, segment, 2 * NEXT, want };

    decoder_forward(m, &p, w);
    decoder_logp(m, w, term, terms, together);
    for (int s = 0; s < 2; s++) {
        plain(m, id[s], N, alone[s], NULL);
        for (int i = 0; i < NEXT - 1; i++)
            assert_float_equal((double)together[s * (NEXT - 1) + i],
                               (double)alone[s][FIRST + i], 2e-5);
    }
    decoder_workspace_free(w);
    decoder_free(m);
    free(x);
}

static void trees_equal_sequences(void **state)
{
    (void)state;
    for (int i = 0; i < FAMILIES; i++) {
        char *path = path_of(families[i], "");

        check_tree(path);
        free(path);
    }
}

/* The model of a folder as a GGUF file at path, its matrices F32. */
static void write_as_gguf(const char *family, const char *path)
{
    char *folder = path_of(family, "");
    struct gguf_writer *w = gguf_writer_new();
    struct decoder_write *d;
    struct decoder_file f;
    struct error e;
    int done;

    if (decoder_file_open(&f, folder, &e) < 0)
        fail_msg("%s", e.text);
    d = decoder_write_new(&f, QUANT_F32, family, w);
    done = gguf_writer_begin(w, path, &e);
    for (int i = 0; i < decoder_write_tensors(d) && done == 0; i++)
        done = decoder_write_tensor(d, i, &e);
    if (done < 0 || gguf_writer_commit(w, &e) < 0)
        fail_msg("%s: %s", family, e.text);
    decoder_write_free(d);
    gguf_writer_free(w);
    decoder_file_close(&f);
    free(folder);
}

static void written_gguf_equals_transformers(void **state)
{
    char *folder = temporary_folder(), *path = file_join(folder, "m.gguf");

    (void)state;
    for (int i = 0; i < FAMILIES; i++) {
        char *expected = path_of(families[i], ".expected");

        unlink(path); /* what was read is not written over */
        write_as_gguf(families[i], path);
        print_message("%s, written\n", families[i]);
        compare(path, FROZEN_REAL, expected);
        free(expected);
    }
    temporary_remove(folder);
    free(path);
}

static void refused_with(const char *path, const char *says)
{
    struct error e = { "nothing" };
    struct decoder *m = decoder_load(path, FROZEN_REAL, &e);

    if (m)
        fail_msg("%s: loaded, expected '%s'", path, says);
    if (!strstr(e.text, says))
        fail_msg("'%s' does not say '%s'", e.text, says);
}

static void copy(const char *from, const char *to)
{
    char *command = mem_format("cp '%s' '%s'", from, to);

    assert_int_equal(system(command), 0);
    free(command);
}

/* Any part names the set; one that is missing or renamed is said. */
static void split_files_are_one_model(void **state)
{
    const char *const part[] = { "split-00001-of-00003.gguf", "split-00002-of-00003.gguf",
                                 "split-00003-of-00003.gguf" };
    char *folder = temporary_folder(), *path[4];

    (void)state;
    for (int i = 0; i < 3; i++) {
        char *from = path_of(part[i], "");

        compare(from, FROZEN_REAL, LLMS "qwen2.expected");
        path[i] = mem_format("%s/%s", folder, part[i]);
        if (i != 1)
            copy(from, path[i]);
        free(from);
    }
    path[3] = mem_format("%s/renamed.gguf", folder);
    refused_with(path[2], "split-00002-of-00003.gguf");
    copy(path[2], path[1]);
    refused_with(path[0], "says that it is part 3 of 3: expected 2 of 3");
    copy(path[2], path[3]);
    refused_with(path[3], "one of 3 parts of a model: expected a name like "
                          "NAME-00001-of-00003.gguf");
    for (int i = 0; i < 4; i++)
        free(path[i]);
    temporary_remove(folder);
}

/* The same bytes, whatever is kept. */
static void recomputing_changes_nothing(void **state)
{
    enum { N = 32 };
    int id[N];

    (void)state;
    for (int i = 0; i < FAMILIES; i++) {
        char *path = path_of(families[i], "");
        struct decoder *m = load(path);
        size_t size = (size_t)(N * decoder_config(m)->embed_width);
        real logp[2][N], *kept = mem_new(size, sizeof *kept);
        real *again = mem_new(size, sizeof *again);

        for (int k = 0; k < N; k++)
            id[k] = k * 7 % decoder_config(m)->vocab;
        plain_keeping(m, id, N, DECODER_BACKWARD, logp[0], kept);
        plain_keeping(m, id, N, DECODER_RECOMPUTE, logp[1], again);
        assert_memory_equal(logp[0], logp[1], (N - 1) * sizeof(real));
        assert_memory_equal(kept, again, size * sizeof(real));
        free(kept);
        free(again);
        decoder_free(m);
        free(path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folders_equal_transformers),
        cmocka_unit_test(gguf_equals_transformers),
        cmocka_unit_test(stored_folders_equal_transformers),
        cmocka_unit_test(stored_gguf_equals_transformers),
        cmocka_unit_test(steps_equal_forward),
        cmocka_unit_test(trees_equal_sequences),
        cmocka_unit_test(written_gguf_equals_transformers),
        cmocka_unit_test(split_files_are_one_model),
        cmocka_unit_test(recomputing_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
