#include "formats/torch_file.h"

#include "formats/torch_parts.h"
#include "util/mem.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    DEPTH_MAX = 16,        /* an optimizer's state nests 5 deep */
    VISITS_MAX = 1 << 18,  /* one list can stand in many places */
    NAME_MAX_BYTES = 255,
};

static int walk(struct torch_file *f, const struct pickle_value *v, const char *name,
                int depth, struct error *e);

static bool is_container(const struct pickle_value *v)
{
    return v->kind == PICKLE_DICT || v->kind == PICKLE_LIST || v->kind == PICKLE_TUPLE ||
           v->kind == PICKLE_SPACE;
}

static bool is_number(const struct pickle_value *v)
{
    return v->kind == PICKLE_INT || v->kind == PICKLE_BOOL;
}

static int add_tensor(struct torch_file *f, const struct pickle_value *v,
                      const char *name, struct error *e)
{
    struct safetensor t = { .name = *name ? name : "tensor" };

    if (torch_tensor(f, &t, v, e) < 0)
        return fail_in(e, "tensor '%s'", t.name);
    t.name = mem_string(t.name);
    MEM_PUSH(f->list, f->n, f->room, t);
    return 0;
}

static void add_setting(struct torch_file *f, const struct pickle_value *v,
                        const char *name)
{
    struct torch_setting s = { mem_string(name), v->integer };

    MEM_PUSH(f->setting, f->settings, f->setting_room, s);
}

/* "outer.key" for a key that is a text or a whole number, NULL for others. */
static char *inner_name(const char *outer, const struct pickle_value *key)
{
    const char *dot = *outer ? "." : "";

    if (key->kind == PICKLE_INT)
        return mem_format("%s%s%" PRId64, outer, dot, key->integer);
    if (key->kind != PICKLE_TEXT || key->size == 0 ||
        key->size + strlen(outer) + 1 > NAME_MAX_BYTES)
        return NULL;
    for (size_t i = 0; i < key->size; i++)
        if ((unsigned char)key->text[i] < ' ' || key->text[i] == 0x7f)
            return NULL;
    return mem_format("%s%s%.*s", outer, dot, (int)key->size, key->text);
}

static int walk_dict(struct torch_file *f, const struct pickle_value *v, const char *name,
                     int depth, struct error *e)
{
    int result = 0;

    for (long i = 0; i + 1 < v->count && result == 0; i += 2) {
        const struct pickle_value *inner = v->item[i + 1];
        char *as;

        if (inner->kind != PICKLE_TENSOR && !is_number(inner) && !is_container(inner))
            continue;
        as = inner_name(name, v->item[i]);
        if (as)
            result = walk(f, inner, as, depth + 1, e);
        else if (inner->kind == PICKLE_TENSOR)
            result = fail(e, "a tensor in '%s' whose name is no line of at most %d bytes",
                          name, NAME_MAX_BYTES);
        free(as);
    }
    return result;
}

/* What lies in a list at the top keeps the name that it has by itself. */
static int walk_list(struct torch_file *f, const struct pickle_value *v, const char *name,
                     int depth, struct error *e)
{
    int result = 0;

    for (long i = 0; i < v->count && result == 0; i++) {
        bool through = !*name && is_container(v->item[i]);
        char *as = through ? mem_string("")
                           : mem_format("%s%s%ld", name, *name ? "." : "", i);

        result = walk(f, v->item[i], as, depth + 1, e);
        free(as);
    }
    return result;
}

static int walk(struct torch_file *f, const struct pickle_value *v, const char *name,
                int depth, struct error *e)
{
    if (depth > DEPTH_MAX)
        return fail(e, "lists and dicts nest deeper than %d", DEPTH_MAX);
    if (++f->visits > VISITS_MAX)
        return fail(e, "more than %d values", VISITS_MAX);
    if (v->kind == PICKLE_TENSOR)
        return add_tensor(f, v, name, e);
    if (v->kind == PICKLE_DICT)
        return walk_dict(f, v, name, depth, e);
    if (v->kind == PICKLE_LIST || v->kind == PICKLE_TUPLE)
        return walk_list(f, v, name, depth, e);
    if (v->kind == PICKLE_SPACE && v->of)
        return walk(f, v->of, name, depth + 1, e);
    if (is_number(v))
        add_setting(f, v, name);
    return 0;
}

static int by_name(const void *a, const void *b)
{
    const struct safetensor *const *x = a, *const *y = b;

    return strcmp((*x)->name, (*y)->name);
}

static int sort_names(struct torch_file *f, struct error *e)
{
    f->named = mem_new((size_t)f->n, sizeof *f->named);
    for (long i = 0; i < f->n; i++)
        f->named[i] = &f->list[i];
    qsort(f->named, (size_t)f->n, sizeof *f->named, by_name);
    for (long i = 1; i < f->n; i++)
        if (by_name(&f->named[i - 1], &f->named[i]) == 0)
            return fail(e, "tensor '%s' is there twice", f->named[i]->name);
    return 0;
}

torch_file *torch_open(const char *path, struct error *e)
{
    torch_file *f = mem_new(1, sizeof *f);

    f->path = mem_string(path);
    if (file_map(&f->map, path, e) < 0) {
        torch_close(f);
        return NULL;
    }
    if (torch_contain(f, e) < 0 || walk(f, pickle_root(f->pickle), "", 0, e) < 0 ||
        sort_names(f, e) < 0) {
        fail_in(e, "%s", path);
        torch_close(f);
        return NULL;
    }
    return f;
}

void torch_close(torch_file *f)
{
    if (!f)
        return;
    for (long i = 0; i < f->n; i++)
        free((char *)f->list[i].name);
    for (long i = 0; i < f->settings; i++)
        free(f->setting[i].name);
    for (long i = 0; i < f->copies; i++)
        free(f->copy[i]);
    free(f->list);
    free(f->named);
    free(f->setting);
    free(f->copy);
    free(f->storage);
    pickle_free(f->pickle);
    file_unmap(&f->map);
    free(f->path);
    free(f);
}

const char *torch_path(const torch_file *f)
{
    return f->path;
}

long torch_count(const torch_file *f)
{
    return f->n;
}

const struct safetensor *torch_at(const torch_file *f, long i)
{
    return &f->list[i];
}

const struct safetensor *torch_find(const torch_file *f, const char *name)
{
    struct safetensor key = { .name = name }, *k = &key;
    struct safetensor **found = bsearch(&k, f->named, (size_t)f->n, sizeof *f->named,
                                        by_name);

    return found ? *found : NULL;
}

bool torch_setting(const torch_file *f, const char *name, int64_t *value)
{
    for (long i = 0; i < f->settings; i++)
        if (strcmp(f->setting[i].name, name) == 0) {
            *value = f->setting[i].value;
            return true;
        }
    return false;
}
