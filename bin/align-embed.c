/* Applies trained towers: item.cf -> item.joint, item.text -> item.joint_text. */
#include "models/align_store.h"
#include "tensor/blas.h"
#include "util/cli.h"
#include "util/error.h"

static const char *text_name = "item.text", *cf_name = "item.cf";

static const struct opt options[] = {
    { OPT_STRING, 0, "cf", &cf_name, "CF vectors to map to item.joint" },
    { OPT_STRING, 0, "text", &text_name, "text vectors to map to item.joint_text" },
    { .type = OPT_END },
};

static const struct cli cli = {
    .summary = "map CF and text vectors to the joint space by trained towers",
    .usage = "[FILE...]",
    .example = "align-embed --text text align.mr new-texts.mr > new-joint.mr",
    .options = options,
    .flags = CLI_THREADS | CLI_ONLY,
};

/* Maps the tensor of that name; false where there is none. */
static bool embed(struct filter *f, const struct align *m, bool is_text, const char *name)
{
    const struct tower *t = is_text ? &m->text : &m->item;
    const struct tensor *source;
    struct tensor joint;

    if (!filter_has(f, name))
        return false;
    source = filter_tensor_sized(f, name, DT_F4, -1, t->shape.in,
                                 is_text ? "sbert-encode" : "cf-embed");
    align_check_finite(name, source);
    joint = align_put_joint(f, m, is_text, source);
    tensor_free(&joint);
    return true;
}

int main(int argc, char **argv)
{
    int first = cli_parse(argc, argv, &cli);
    struct filter *f;
    struct align m;
    bool items, texts;

    blas_start(argv);
    f = filter_open(argc, argv, first);
    filter_keep(f, "align.*");
    filter_keep(f, cf_name);
    filter_keep(f, text_name);
    filter_replace(f, "item.joint");
    filter_replace(f, "item.joint_text");
    filter_read(f);
    align_load(&m, f);
    items = embed(f, &m, false, cf_name);
    texts = embed(f, &m, true, text_name);
    if (!items && !texts)
        die("no '%s' and no '%s' in the input: run cf-embed or sbert-encode first", cf_name,
            text_name);
    align_free(&m);
    filter_close(f);
    return STATUS_DONE;
}
