#include "formats/npy.h"

#include "util/file_write.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define MAGIC "\x93NUMPY"
#define MAGIC_SIZE 6
#define ALIGN 64 /* the elements begin at a multiple of it */

/* The header's text, read from left to right. */
struct cursor {
    const char *p, *end;
};

static void skip_space(struct cursor *c)
{
    while (c->p < c->end && isspace((unsigned char)*c->p))
        c->p++;
}

/* Skips the word if it comes next. */
static bool take_word(struct cursor *c, const char *word)
{
    size_t n = strlen(word);

    skip_space(c);
    if ((size_t)(c->end - c->p) < n || memcmp(c->p, word, n) != 0)
        return false;
    c->p += n;
    return true;
}

/* 'text' or "text": at most size - 1 bytes. */
static bool take_quoted(struct cursor *c, char *text, size_t size)
{
    const char *close;
    char quote;
    size_t n;

    skip_space(c);
    if (c->p == c->end || (*c->p != '\'' && *c->p != '"'))
        return false;
    quote = *c->p++;
    close = memchr(c->p, quote, (size_t)(c->end - c->p));
    n = close ? (size_t)(close - c->p) : size;
    if (n >= size)
        return false;
    memcpy(text, c->p, n);
    text[n] = 0;
    c->p = close + 1;
    return true;
}

static bool take_count(struct cursor *c, int64_t *v)
{
    skip_space(c);
    if (c->p == c->end || !isdigit((unsigned char)*c->p))
        return false;
    for (*v = 0; c->p < c->end && isdigit((unsigned char)*c->p); c->p++)
        if (__builtin_mul_overflow(*v, 10, v) ||
            __builtin_add_overflow(*v, *c->p - '0', v))
            return false;
    return true;
}

/* "(3, 2)", "(3,)", "()" */
static bool take_shape(struct cursor *c, struct foreign *a)
{
    if (!take_word(c, "("))
        return false;
    for (a->dims = 0; !take_word(c, ")"); a->dims++) {
        if (a->dims == TENSOR_DIMS || !take_count(c, &a->shape[a->dims]))
            return false;
        if (!take_word(c, ",") && (skip_space(c), c->p == c->end || *c->p != ')'))
            return false;
    }
    return true;
}

static int take_descr(struct foreign *a, const char *descr, struct error *e)
{
    size_t n = strlen(descr);

    if (n != 3 || !strchr("<|=", descr[0]) || !strchr("fiub", descr[1]) ||
        !strchr("1248", descr[2]))
        return fail(e, "type '%s', expected little-endian numbers such as '<f4'", descr);
    a->kind = descr[1];
    a->size = descr[2] - '0';
    return 0;
}

/* {'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), } in any order. */
static int take_header(struct cursor *c, struct foreign *a, struct error *e)
{
    bool fortran = false, shape = false, closed = false;
    char key[32], descr[32] = "";

    closed = take_word(c, "{") && take_word(c, "}");
    while (!closed) {
        bool good = take_quoted(c, key, sizeof key) && take_word(c, ":");

        if (good && strcmp(key, "descr") == 0)
            good = take_quoted(c, descr, sizeof descr);
        else if (good && strcmp(key, "fortran_order") == 0)
            good = (fortran = take_word(c, "True")) || take_word(c, "False");
        else if (good && strcmp(key, "shape") == 0)
            good = shape = take_shape(c, a);
        else
            good = false;
        if (!good)
            return fail(e, "its header is none of a plain array");
        take_word(c, ",");
        closed = take_word(c, "}");
    }
    if (!*descr || !shape)
        return fail(e, "its header has no type or no shape");
    if (fortran && a->dims > 1)
        return fail(e, "is in column order: save it with numpy.ascontiguousarray");
    return take_descr(a, descr, e);
}

static int take_file(struct npy *n, struct error *e)
{
    const unsigned char *p = n->file.data;
    size_t size = n->file.size, prefix, header;
    struct cursor c;
    int64_t count, bytes;

    if (size < MAGIC_SIZE + 4 || memcmp(p, MAGIC, MAGIC_SIZE) != 0)
        return fail(e, "not a .npy file");
    if (p[6] < 1 || p[6] > 3)
        return fail(e, "version %d of the format, expected 1 to 3", p[6]);
    prefix = p[6] == 1 ? 10 : 12;
    header = p[8] | (size_t)p[9] << 8;
    if (p[6] > 1 && size >= prefix)
        header |= (size_t)p[10] << 16 | (size_t)p[11] << 24;
    if (size < prefix || header > size - prefix)
        return fail(e, "cut short in its header");
    c = (struct cursor){ (const char *)p + prefix, (const char *)p + prefix + header };
    if (take_header(&c, &n->array, e) < 0)
        return -1;
    count = shape_count(n->array.shape, n->array.dims);
    if (count < 0 || __builtin_mul_overflow(count, n->array.size, &bytes) ||
        (size_t)bytes != size - prefix - header)
        return fail(e, "its shape has %lld elements of %d bytes, the file %zu bytes",
                    (long long)count, n->array.size, size - prefix - header);
    n->array.data = p + prefix + header;
    return 0;
}

int npy_open(struct npy *n, const char *path, struct error *e)
{
    *n = (struct npy){ 0 };
    if (file_map(&n->file, path, e) < 0)
        return -1;
    if (take_file(n, e) == 0)
        return 0;
    npy_close(n);
    return fail_in(e, "%s", path);
}

void npy_close(struct npy *n)
{
    file_unmap(&n->file);
}

int npy_write(const char *path, const struct tensor *t, struct error *e)
{
    char header[512], shape[TENSOR_DIMS * 24] = "";
    struct file_write file;
    size_t length;

    for (int i = 0; i < t->dims; i++)
        snprintf(shape + strlen(shape), sizeof shape - strlen(shape), "%s%lld",
                 i ? ", " : "", (long long)t->shape[i]);
    snprintf(header, sizeof header,
             "{'descr': '%s', 'fortran_order': False, 'shape': (%s%s), }",
             dtype_name(t->type), shape, t->dims == 1 ? "," : "");
    length = (MAGIC_SIZE + 4 + strlen(header) + 1 + ALIGN - 1) / ALIGN * ALIGN - 10;
    if (file_write_begin(&file, path, e) < 0)
        return -1;
    fprintf(file.f, MAGIC "\x01%c%c%c%-*s\n", 0, (int)(length & 255), (int)(length >> 8),
            (int)length - 1, header);
    fwrite(t->data, tensor_row_bytes(t), (size_t)tensor_rows(t), file.f);
    return file_write_commit(&file, e);
}
