/* Templates: of prompts, by path and by text, and of texts ("{title} ({year})"). */
#include "held.h"
#include "prompt/template.h"
#include "readers.h"
#include "text/slots.h"

static unsigned look(const struct template *t)
{
    unsigned sum = touch_bytes(t->source, strlen(t->source)) + (unsigned)t->lists;

    for (int i = 0; i < t->count; i++)
        sum += touch_bytes(t->lines[i].text, strlen(t->lines[i].text));
    if (t->answer)
        sum += touch_bytes(t->answer, strlen(t->answer));
    if (template_shared_lines(t) > t->count)
        abort();
    return sum + template_has_user(t) + template_has_guess(t);
}

static unsigned load(const char *name)
{
    struct error e = { "" };
    struct template t;
    unsigned sum = 0;

    if (template_load(&t, name, &e) == 0) {
        sum += look(&t);
        template_free(&t);
    } else
        sum += refused(&e);
    if (template_load_text(&t, name, &e) == 0) {
        sum += look(&t);
        template_free(&t);
    }
    return sum;
}

static unsigned fill(const char *text)
{
    static const char *const some[3] = { "one", NULL, "two, three" };
    struct error e = { "" };
    struct slots *s = slots_parse(text, &e);
    const char **value;
    char *filled;
    unsigned sum;

    if (!s)
        return refused(&e);
    value = mem_new((size_t)slots_count(s) + 1, sizeof *value);
    for (int i = 0; i < slots_count(s); i++)
        value[i] = slots_name(s, i)[0] == '*' ? "all" : some[i % 3];
    filled = slots_fill(s, value);
    sum = touch_bytes(filled, strlen(filled));
    free(filled);
    free(value);
    slots_free(s);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = mem_new(size + 2, 1);

    memcpy(text, data, size);
    held_file(load, data, size);
    fill(text);
    text[strlen(text)] = '\n';
    load(text); /* its own source */
    free(text);
    return 0;
}
