#include "formats/json_file.h"

#include "util/file.h"
#include "util/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *type_name(const json_t *v)
{
    static const char *const names[] = {
        [JSON_OBJECT] = "an object", [JSON_ARRAY] = "an array",
        [JSON_STRING] = "a string",  [JSON_INTEGER] = "a whole number",
        [JSON_REAL] = "a number",    [JSON_TRUE] = "true",
        [JSON_FALSE] = "false",      [JSON_NULL] = "null",
    };

    return names[json_typeof(v)];
}

/* transformers writes "any length" as the whole number 10^30, which only a real holds:
 * then all numbers of the file are reals. */
static json_t *parse(const struct mapped *m, json_error_t *why)
{
    const char *text = m->data ? (const char *)m->data : "";
    size_t mark = m->size >= 3 && !memcmp(text, "\xef\xbb\xbf", 3) ? 3 : 0;
    json_t *root = json_loadb(text + mark, m->size - mark, JSON_REJECT_DUPLICATES, why);

    if (!root && json_error_code(why) == json_error_numeric_overflow)
        root = json_loadb(text + mark, m->size - mark,
                          JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, why);
    return root;
}

int json_open_any(struct json_file *f, const char *path, struct error *e)
{
    struct mapped m;
    json_error_t why;

    *f = (struct json_file){ 0 };
    if (file_map(&m, path, e) < 0)
        return -1;
    f->root = parse(&m, &why);
    file_unmap(&m);
    if (!f->root)
        return fail(e, "%s: not JSON: line %d: %s", path, why.line, why.text);
    f->path = mem_string(path);
    return 0;
}

int json_open(struct json_file *f, const char *path, struct error *e)
{
    if (json_open_any(f, path, e) < 0)
        return -1;
    if (json_is_object(f->root))
        return 0;
    fail(e, "%s: expected a JSON object, found %s", path, type_name(f->root));
    json_close(f);
    return -1;
}

void json_close(struct json_file *f)
{
    json_decref(f->root);
    free(f->path);
    *f = (struct json_file){ 0 };
}

const json_t *json_value(const struct json_file *f, const char *key)
{
    const json_t *v = json_object_get(f->root, key);

    return json_is_null(v) ? NULL : v;
}

long json_whole(const json_t *v, long high)
{
    double number = json_is_number(v) ? json_number_value(v) : -1;

    return number >= 0 && number <= (double)high && number == floor(number) ? (long)number
                                                                            : -1;
}

static int missing(const struct json_file *f, const char *key, struct error *e)
{
    return fail(e, "%s: has no \"%s\"", f->path, key);
}

static int wrong_type(const struct json_file *f, const char *key, const char *expected,
                      const json_t *v, struct error *e)
{
    return fail(e, "%s: \"%s\": expected %s, found %s", f->path, key, expected,
                type_name(v));
}

int json_int_or(const struct json_file *f, const char *key, long low, long high,
                long otherwise, long *value, struct error *e)
{
    const json_t *v = json_value(f, key);
    double number;

    *value = otherwise;
    if (!v)
        return 0;
    number = json_number_value(v);
    if (!json_is_integer(v) && !(json_is_real(v) && number == floor(number)))
        return wrong_type(f, key, "a whole number", v, e);
    if (!(number >= (double)low && number <= (double)high))
        return fail(e, "%s: \"%s\" is %.0f, expected %ld to %ld", f->path, key, number,
                    low, high);
    *value = json_is_integer(v) ? (long)json_integer_value(v) : (long)number;
    return 0;
}

int json_number_or(const struct json_file *f, const char *key, double low, double high,
                   double otherwise, double *value, struct error *e)
{
    const json_t *v = json_value(f, key);

    *value = otherwise;
    if (!v)
        return 0;
    if (!json_is_number(v))
        return wrong_type(f, key, "a number", v, e);
    *value = json_number_value(v);
    if (!(*value >= low && *value <= high))
        return fail(e, "%s: \"%s\" is %g, expected %g to %g", f->path, key, *value, low,
                    high);
    return 0;
}

int json_text_or(const struct json_file *f, const char *key, const char *otherwise,
                 const char **value, struct error *e)
{
    const json_t *v = json_value(f, key);

    *value = otherwise;
    if (!v)
        return 0;
    if (!json_is_string(v))
        return wrong_type(f, key, "a string", v, e);
    *value = json_string_value(v);
    return 0;
}

int json_bool_or(const struct json_file *f, const char *key, bool otherwise, bool *value,
                 struct error *e)
{
    const json_t *v = json_value(f, key);

    *value = otherwise;
    if (!v)
        return 0;
    if (!json_is_boolean(v))
        return wrong_type(f, key, "true or false", v, e);
    *value = json_is_true(v);
    return 0;
}

int json_int(const struct json_file *f, const char *key, long low, long high,
             long *value, struct error *e)
{
    if (!json_value(f, key))
        return missing(f, key, e);
    return json_int_or(f, key, low, high, 0, value, e);
}

int json_number(const struct json_file *f, const char *key, double low, double high,
                double *value, struct error *e)
{
    if (!json_value(f, key))
        return missing(f, key, e);
    return json_number_or(f, key, low, high, 0, value, e);
}

int json_text(const struct json_file *f, const char *key, const char **value,
              struct error *e)
{
    if (!json_value(f, key))
        return missing(f, key, e);
    return json_text_or(f, key, NULL, value, e);
}
