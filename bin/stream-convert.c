/* Streams from .npy, .safetensors, files of torch.save and lines of text, and back. */
#include "cli/cli.h"
#include "formats/npy.h"
#include "formats/published_checkpoint.h"
#include "formats/safetensors.h"
#include "formats/tensor_file.h"
#include "stream/filter.h"
#include "stream/names.h"
#include "stream/names_seen.h"
#include "stream/reads.h"
#include "stream/store.h"
#include "text/string_index.h"
#include "util/channel.h"
#include "util/escape.h"
#include "util/file.h"
#include "util/file_write.h"
#include "util/mem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool escaped = false;
static const char *output = NULL, *prefix = "", *name = NULL, *lines = NULL;
static bool all_f4 = false;

static const struct opt options[] = {
    { OPT_OUTPUT, 'o', "output", &output,
      "write what a stream holds to FILE.safetensors, .npy, .txt or a folder",
      .record = OPT_LOCAL },
    { OPT_STRING, 0, "prefix", &prefix,
      "put TEXT before names; with -o: take only names with TEXT, and take TEXT off",
      .record = OPT_RECORD },
    { OPT_STRING, 'n', "name", &name,
      "name for the tensor of a .npy file; with -o: write only these names",
      .record = OPT_RECORD },
    { OPT_FLAG, 0, "escaped", &escaped,
      "lines of text have the escapes of stream-show and of tables: \\n, \\t, \\x1b" },
    { OPT_STRING, 0, "lines", &lines, "read lines of text, as the text of this name",
      .record = OPT_RECORD },
    { OPT_FLAG, 0, "f4", &all_f4, "turn 16-bit floats into 32-bit floats",
      .record = OPT_RECORD },
    { OPT_END },
};

static const struct cli cli = {
    .summary = "streams from .npy, .safetensors, .pt and lines of text, and back",
    .usage = "FILE... | -o FILE|FOLDER [STREAM...]",
    .example = "stream-convert --prefix cf. sasrec.safetensors > cf.mr",
    .options = options,
};

/* The names that are written already, and the file that each came from. */
static struct string_index written;
static struct texts written_from;

/* Of two tensors of one name a reader of the stream takes the later. */
static void check_new(const char *as, const char *path)
{
    int32_t n = string_index_find(&written, as, strlen(as));

    if (n >= 0)
        die("%s: its '%s' is in %s too, and one would be lost: --prefix or -n gives it "
            "another name", path, as, texts_at(&written_from, n));
    string_index_add(&written, as, strlen(as));
    texts_add(&written_from, path, strlen(path));
}

static bool ends_in(const char *path, const char *ending)
{
    size_t n = strlen(path), m = strlen(ending);

    return n > m && strcmp(path + n - m, ending) == 0;
}

/* The tensor's name in the stream: --name, or what the file calls it. */
static char *stream_name(const char *own)
{
    return mem_format("%s%s", prefix, name ? name : own);
}

/* A file of torch.save. */
static bool is_torch(const char *path)
{
    return ends_in(path, ".pt") || ends_in(path, ".pth") || ends_in(path, ".bin");
}

static char *base_without(const char *path, const char *ending)
{
    const char *base = file_base(path);

    return mem_format("%.*s", (int)(strlen(base) - strlen(ending)), base);
}

static void put_array(struct filter *f, const char *path, const char *own, const char *as,
                      const struct foreign *array, const struct attr *attrs)
{
    struct tensor t;
    struct error e;
    bool owned;

    check_new(as, path);
    if (dtype_convert_take(&t, &owned, array, all_f4, &e) < 0)
        die("%s: '%s': %s", path, own, e.text);
    if (dtype_convert_narrows(array))
        say("%s: '%s': 64-bit floats become 32-bit floats", path, own);
    filter_put(f, as, &t, attrs);
    if (owned)
        tensor_free(&t);
}

static void put_npy(struct filter *f, const char *path)
{
    char *own = base_without(path, ".npy"), *as = stream_name(own);
    struct error e;
    struct npy n;

    if (npy_open(&n, path, &e) < 0)
        die("%s", e.text);
    put_array(f, path, own, as, &n.array, NULL);
    npy_close(&n);
    free(own);
    free(as);
}

static const struct {
    char kind;
    int size;
} safetensors_kinds[ST_TYPES] = {
    [ST_F64] = { 'f', 8 }, [ST_F32] = { 'f', 4 }, [ST_F16] = { 'f', 2 },
    [ST_BF16] = { 'B', 2 }, [ST_I64] = { 'i', 8 }, [ST_I32] = { 'i', 4 },
    [ST_I16] = { 'i', 2 }, [ST_I8] = { 'i', 1 }, [ST_U64] = { 'u', 8 },
    [ST_U32] = { 'u', 4 }, [ST_U16] = { 'u', 2 }, [ST_U8] = { 'u', 1 },
    [ST_BOOL] = { 'b', 1 }, [ST_F8_E4M3] = { 'F', 1 }, [ST_F8_E5M2] = { 'F', 1 },
};

static void put_tensor(struct filter *f, const struct tensor_file *file,
                       const struct safetensor *s)
{
    const char *recognised = *prefix ? "" : published_prefix(file);
    struct foreign array = { .kind = safetensors_kinds[s->type].kind,
                             .size = safetensors_kinds[s->type].size,
                             .dims = s->ndim, .data = s->data };
    struct published_attrs attrs;
    char *own = stream_name(s->name), *as = mem_format("%s%s", recognised, own);

    memcpy(array.shape, s->dim, (size_t)s->ndim * sizeof *s->dim);
    put_array(f, tensor_file_path(file), s->name, as, &array,
              published_attrs_of(as, file, &attrs));
    free(own);
    free(as);
}

static void put_tensors(struct filter *f, const char *path)
{
    struct tensor_file file;
    struct error e;

    if (tensor_file_open(&file, path, &e) < 0)
        die("%s", e.text);
    if (tensor_file_count(&file) == 0)
        die("%s: has no tensors", path);
    if (name && tensor_file_count(&file) != 1)
        cli_mistake("--name: %s has %ld tensors with names of their own", path,
                    tensor_file_count(&file));
    if (!*prefix && *published_prefix(&file))
        say("%s: a checkpoint of the published code: %s*", path, published_prefix(&file));
    for (long i = 0; i < tensor_file_count(&file); i++)
        put_tensor(f, &file, tensor_file_at(&file, i));
    tensor_file_close(&file);
}

static void put_lines(struct filter *f, const char *path)
{
    struct channel file;
    char *line = NULL, *own = lines ? mem_string(lines) : base_without(path, ".txt");
    char *as = mem_format("%s%s", prefix, own);
    struct texts texts = { 0 };
    size_t room = 0;
    struct error e;
    ssize_t n;

    check_new(as, path);
    channel_read(&file, path);
    if (!file.f)
        die("%s: %s", path, strerror(errno));
    for (long at = 1; (n = channel_line(&file, &line, &room)) >= 0; at++) {
        if (escaped && (strlen(line) != (size_t)n ||
                        (n = escape_undo(line, ESCAPE_LETTERS, &e)) < 0))
            die("%s:%ld: %s", path, at, n < 0 ? e.text : "a NUL in the line");
        texts_add(&texts, line, (size_t)n);
    }
    if (channel_close(&file) != 0)
        die("%s: %s", path, channel_reason(&file));
    filter_put_group(f, &(struct series_out){ as, NULL, &texts, NULL }, 1);
    texts_free(&texts);
    free(line);
    free(own);
    free(as);
}

static void check_operand(const char *path)
{
    if (!lines && !ends_in(path, ".npy") && !ends_in(path, ".safetensors") &&
        !is_torch(path) && !ends_in(path, ".txt"))
        cli_mistake("%s: is no .npy, .safetensors, .pt, .pth, .bin or .txt file; -o "
                    "takes a stream apart", path);
}

static void make_stream(int argc, char **argv, int first)
{
    struct filter *f;

    if (first == argc)
        cli_mistake("no file to make a stream of");
    for (int i = first; i < argc; i++)
        check_operand(argv[i]);
    f = filter_open_writing();
    filter_puts_any_numbers(f);
    for (int i = first; i < argc; i++) {
        if (ends_in(argv[i], ".npy"))
            put_npy(f, argv[i]);
        else if (ends_in(argv[i], ".safetensors") || is_torch(argv[i]))
            put_tensors(f, argv[i]);
        else
            put_lines(f, argv[i]);
    }
    string_index_free(&written);
    texts_free(&written_from);
    filter_close(f);
}

static struct names_seen seen;

static bool chosen(const char *in_stream)
{
    names_seen_add(&seen, in_stream);
    return strncmp(in_stream, prefix, strlen(prefix)) == 0 &&
           strlen(in_stream) > strlen(prefix) && (!name || names_match(name, in_stream));
}

static void write_text(const char *path, const struct texts *t)
{
    struct file_write file;
    struct error e;
    long changed = 0;

    if (file_write_begin(&file, path, &e) < 0)
        die("%s", e.text);
    for (int64_t i = 0; i < t->count; i++) {
        for (const char *c = texts_at(t, i); *c; c++) {
            putc(*c == '\n' ? ' ' : *c, file.f);
            changed += *c == '\n';
        }
        putc('\n', file.f);
    }
    if (file_write_commit(&file, &e) < 0)
        die("%s", e.text);
    if (changed > 0)
        warn("%s: %ld line breaks within texts became spaces", path, changed);
}

static void write_one(const char *path, const struct stored *s)
{
    struct error e;

    if (s->is_text)
        write_text(path, &s->texts);
    else if (npy_write(path, &s->tensor, &e) < 0)
        die("%s", e.text);
}

/* Every chosen one as NAME.npy or NAME.txt. */
static void write_folder(const struct store *store)
{
    if (mkdir(output, 0777) != 0 && errno != EEXIST)
        die("%s: %s", output, strerror(errno));
    for (int i = 0; i < store->count; i++) {
        const struct stored *s = &store->items[i];
        const char *own = s->name + strlen(prefix);
        char *path = mem_format("%s/%s%s", output, own, s->is_text ? ".txt" : ".npy");

        if (*own == '.' || strchr(own, '/'))
            die("'%s' cannot be a file's name", own);
        write_one(path, s);
        free(path);
    }
}

static void write_safetensors(const struct store *store)
{
    static const enum safetensors_type types[DT_COUNT] = {
        [DT_F4] = ST_F32, [DT_F2] = ST_F16, [DT_I1] = ST_I8,
        [DT_I4] = ST_I32, [DT_I8] = ST_I64, [DT_U1] = ST_U8,
    };
    struct safetensor *out = mem_new((size_t)store->count, sizeof *out);
    struct error e;
    long n = 0;

    for (int i = 0; i < store->count; i++) {
        const struct stored *s = &store->items[i];
        const struct tensor *t = &s->tensor;

        if (s->is_text) {
            say("'%s' is text: not written to %s", s->name, output);
            continue;
        }
        out[n] = (struct safetensor){ .name = s->name + strlen(prefix),
                                      .type = types[t->type], .ndim = t->dims,
                                      .data = t->data };
        memcpy(out[n++].dim, t->shape, (size_t)t->dims * sizeof *t->shape);
    }
    if (safetensors_write(output, out, n, &e) < 0)
        die("%s", e.text);
    free(out);
}

static void read_stream(struct store *store, const char *path)
{
    struct error e;

    if (store_read(store, path, chosen, &e) < 0)
        die("%s", e.text);
}

static void write_files(int argc, char **argv, int first)
{
    struct store store = { .count = 0 };
    const struct stored *only;
    struct error e;

    for (int i = first; i < argc; i++)
        read_stream(&store, argv[i]);
    if (first == argc)
        read_stream(&store, "-");
    if (names_seen_check(&seen, name, &e) < 0)
        die("--name: %s", e.text);
    if (store.count == 0)
        die("the input has nothing of that name");
    only = &store.items[0];
    if (ends_in(output, ".safetensors"))
        write_safetensors(&store);
    else if (!ends_in(output, ".npy") && !ends_in(output, ".txt"))
        write_folder(&store);
    else if (store.count > 1)
        die("%s: holds one, the input has %d: choose with --name", output, store.count);
    else if (only->is_text != ends_in(output, ".txt"))
        die("%s: '%s' is %s", output, only->name, only->is_text ? "text" : "numbers");
    else
        write_one(output, only);
    store_free(&store);
}

int main(int argc, char **argv)
{
    int first = cli_parse(argc, argv, &cli);

    reads_bytes("stream");
    (output ? write_files : make_stream)(argc, argv, first);
    return STATUS_DONE;
}
