/* A JSON file whose root is an object, and strict ways to read its keys: the
 * wrong type or a value out of range is an error that names file and key.
 * A key whose value is null counts as absent. */
#ifndef FORMATS_JSON_FILE_H
#define FORMATS_JSON_FILE_H

#include "util/error.h"

#include <jansson.h>
#include <stdbool.h>

struct json_file {
    char *path;
    json_t *root; /* an object (an array too after json_open_any) */
};

/* 0, or -1 and the reason in e.  Release with json_close.  Duplicate keys and
 * text after the value are refused. */
int json_open(struct json_file *f, const char *path, struct error *e);
int json_open_any(struct json_file *f, const char *path, struct error *e);
void json_close(struct json_file *f);

/* The value of a key, NULL where it is absent or null; borrowed from f. */
const json_t *json_value(const struct json_file *f, const char *key);

/* A whole number from 0 to high, as an integer or, in a file whose numbers are all
 * reals, as one; -1 for anything else. */
long json_whole(const json_t *v, long high);

/* The value of a key that must be there: 0, or -1 and the reason in e. */
int json_int(const struct json_file *f, const char *key, long low, long high,
             long *value, struct error *e);
int json_number(const struct json_file *f, const char *key, double low, double high,
                double *value, struct error *e);
int json_text(const struct json_file *f, const char *key, const char **value,
              struct error *e); /* borrowed from f */

/* The same with a value for where the key is absent. */
int json_int_or(const struct json_file *f, const char *key, long low, long high,
                long otherwise, long *value, struct error *e);
int json_number_or(const struct json_file *f, const char *key, double low, double high,
                   double otherwise, double *value, struct error *e);
int json_text_or(const struct json_file *f, const char *key, const char *otherwise,
                 const char **value, struct error *e);
int json_bool_or(const struct json_file *f, const char *key, bool otherwise, bool *value,
                 struct error *e);

#endif
