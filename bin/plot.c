/* Draws curves of trainings, metrics, ranks and calibration of scorers, the joint
 * space. */
#include "evaluation/judge.h"
#include "evaluation/metric_list.h"
#include "history/sample.h"
#include "nn/blas.h"
#include "plot/curves.h"
#include "plot/figure_gnuplot.h"
#include "plot/figure_text.h"
#include "plot/joint_map.h"
#include "plot/scorers.h"
#include "stream/filter.h"
#include "stream/reads.h"
#include "util/channel.h"
#include "cli/cli.h"
#include "util/file_write.h"
#include "util/mem.h"
#include "util/near.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum kind { PLOT_CURVES, PLOT_METRICS, PLOT_JOINT, PLOT_RANKS, PLOT_CALIBRATION };
static const char *const kinds[] = { "curves", "metrics", "joint", "ranks", "calibration",
                                     NULL };
enum form { FORM_PNG, FORM_SVG, FORM_TEXT, FORM_AUTO };
static const char *const forms[] = { "png", "svg", "text", "auto", NULL };

enum { TERMINAL_WIDTH = 80, WORTHLESS_RESAMPLES = 100 };

static int kind = PLOT_CURVES;
static const char *output = NULL, *title = "";
static int form = FORM_AUTO;
static long width = 0;
static struct curves_choice curves = { .names = "", .over = "step" };
static struct scorers_choice scorers = { .split = "", .names = "" };
static const char *cutoffs = "1,10", *measures = "hr,ndcg,mrr";
static long resamples = 10000;
static const char *column = "", *separator = " ";
static long points = 200;

static const struct opt options[] = {
    { OPT_OUTPUT, 'o', "output", &output,
      "write the picture to FILE.png, FILE.svg or FILE.txt" },
    FORMAT_OPTION(form, forms),
    { OPT_INT, 0, "width", &width, "characters in a line; 0: the terminal's, or 80", 0,
      1000 },
    { OPT_STRING, 0, "title", &title, "title of the picture (default: what it shows)" },
    { OPT_STRING, 'n', "draw", &curves.names,
      "curves: columns of the logs to draw (default: validated ones, and loss)" },
    { OPT_STRING, 0, "over", &curves.over, "curves: column along x" },
    { OPT_INT, 0, "smooth", &curves.smooth,
      "curves: lines of the log in each point of training; 0: some sixty points", 0,
      1e9 },
    { OPT_STRING, 0, "split", &scorers.split,
      "metrics, ranks, calibration: test or valid (default: test, where there is one)" },
    { OPT_STRING, 's', "scorers", &scorers.names,
      "metrics, ranks, calibration: scorers to draw, as A,B (default: all)" },
    { OPT_STRING, 'k', "k", &cutoffs, "metrics: cut-offs k of hr@k, ndcg@k and others" },
    { OPT_STRING, 'm', "measures", &measures,
      "metrics: metrics to show, joined by commas, of:" METRIC_WORDS },
    { OPT_INT, 0, "resamples", &resamples, "metrics: bootstrap resamples of an interval",
      100, 1e6 },
    { OPT_STRING, 'c', "column", &column,
      "joint: text column that gives colours, as item.class" },
    { OPT_STRING, 0, "separator", &separator,
      "joint: text that ends an item's first label in the column" },
    { OPT_INT, 0, "points", &points, "joint: items in a seeded sample; 0: all", 0, 1e9 },
    { .type = OPT_END },
};

static const struct synonym synonyms[] = { { "term", "format=text" }, { 0 } };

static const struct cli cli = {
    .summary = "draw trainings, metrics and the joint space",
    .usage = "curves|metrics|joint|ranks|calibration [FILE...]",
    .example = "plot metrics --term scores.mr",
    .options = options,
    .synonyms = synonyms,
    .flags = CLI_SEED | CLI_THREADS,
    .footer = "curves takes the logs of --log FILE; the others take streams.\n"
              "Characters need no gnuplot: --format text, or --term.  auto: as FILE\n"
              "ends; without a FILE, characters on a terminal, else png.",
    .kinds = kinds,
    .kind = &kind,
};

/* Who uses what, bits of enum kind; an option that stands in no row is for all. */
enum {
    OF_CURVES = 1 << PLOT_CURVES,
    OF_METRICS = 1 << PLOT_METRICS,
    OF_JOINT = 1 << PLOT_JOINT,
    OF_SCORERS = OF_METRICS | 1 << PLOT_RANKS | 1 << PLOT_CALIBRATION,
};

static const struct {
    const char *option;
    unsigned kinds;
} users[] = {
    { "draw", OF_CURVES },    { "over", OF_CURVES },      { "smooth", OF_CURVES },
    { "split", OF_SCORERS },  { "scorers", OF_SCORERS },  { "k", OF_METRICS },
    { "measures", OF_METRICS }, { "resamples", OF_METRICS }, { "column", OF_JOINT },
    { "separator", OF_JOINT },  { "points", OF_JOINT },
};

static bool ends_in(const char *path, const char *ending)
{
    size_t n = strlen(path), m = strlen(ending);

    return n > m && strcmp(path + n - m, ending) == 0;
}

/* What is asked for, and a mistake where that contradicts itself. */
static enum form choose_form(void)
{
    static const char *const endings[] = { ".png", ".svg", ".txt" };

    for (size_t i = 0; i < sizeof users / sizeof *users; i++)
        if (!(users[i].kinds >> kind & 1) && cli_changed(users[i].option))
            cli_mistake("--%s: plot %s does not use it", users[i].option, kinds[kind]);
    if (width > 0 && width < FIGURE_TEXT_LEAST)
        cli_mistake("--width: %ld, expected %d or more", width, FIGURE_TEXT_LEAST);
    if (form != FORM_AUTO)
        return (enum form)form;
    for (int i = 0; output && i < FORM_AUTO; i++)
        if (ends_in(output, endings[i]))
            return (enum form)i;
    if (output)
        cli_mistake("--output: %s ends in none of .png, .svg and .txt", output);
    return isatty(STDOUT_FILENO) ? FORM_TEXT : FORM_PNG;
}

static int text_width(void)
{
    struct winsize size;

    if (width > 0)
        return (int)width;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= FIGURE_TEXT_LEAST)
        return size.ws_col;
    return TERMINAL_WIDTH;
}

/* The drawn figure, whole, before anything of it is written. */
static void draw(const struct figure *f, enum form as, char **bytes, size_t *size)
{
    struct error e;
    FILE *out;

    if (as != FORM_TEXT) {
        enum picture picture = as == FORM_SVG ? PICTURE_SVG : PICTURE_PNG;

        if (figure_gnuplot_draw(f, picture, bytes, size, &e) < 0)
            die("%s", e.text);
        return;
    }
    if (!(out = open_memstream(bytes, size)))
        die("no memory for the picture");
    figure_text(out, f, text_width());
    fclose(out);
}

static void write_figure(struct figure *f, enum form as)
{
    struct file_write file;
    struct error e;
    char *bytes;
    size_t size;

    if (*title) {
        free(f->title);
        f->title = mem_string(title);
    }
    draw(f, as, &bytes, &size);
    if (!output) {
        fwrite(bytes, 1, size, stdout); /* whose errors are asked for at its end */
    } else {
        if (file_write_begin(&file, output, &e) < 0)
            die("%s", e.text);
        fwrite(bytes, 1, size, file.f);
        if (file_write_commit(&file, &e) < 0)
            die("%s", e.text);
    }
    free(bytes);
    figure_free(f);
}

static void plot_curves(int argc, char **argv, int first, enum form as)
{
    static char *standard_input[] = { "-", NULL };
    struct figure figure = { 0 };
    struct error e;
    int count = argc - first;

    reads_bytes("words");
    if (curves_read(&figure, count ? argv + first : standard_input, count ? count : 1,
                    &curves, &e) < 0)
        die("%s", e.text);
    if (!figure_any(&figure))
        die("the logs have no numbers to draw");
    write_figure(&figure, as);
    channel_finish_stdout();
}

/* The split that is named is there. */
static void check_split(const struct evaluation *v, int count)
{
    struct error e;
    struct near near;

    if (!*scorers.split)
        return;
    near_begin(&near, scorers.split);
    for (int i = 0; i < count; i++) {
        if (strcmp(v[i].split, scorers.split) == 0)
            return;
        near_offer(&near, v[i].split);
    }
    fail(&e, "no scores of the split '%s' in the input", scorers.split);
    near_end(&e, &near);
    die("--split: %s", e.text);
}

/* Every scorer that is named is there. */
static void check_scorers(const struct evaluation *v, int count)
{
    char *copy = mem_string(scorers.names), *rest = copy, *name;

    while (*scorers.names && (name = strsep(&rest, ","))) {
        bool there = false;

        evaluation_needs(v, count, "scorers", name);
        for (int i = 0; i < count; i++)
            there |= scorers_has_table(&scorers, v, count, i) &&
                     evaluation_find(&v[i], name) >= 0;
        if (!there)
            die("--scorers: no scores of '%s' in the split that is drawn", name);
    }
    free(copy);
}

static void plot_scorers(int argc, char **argv, int first, enum form as)
{
    struct filter *f = filter_open_reading(argc, argv, first);
    struct evaluation v[JUDGED_TABLES];
    struct figure figure = { 0 };
    struct metric *metric;
    struct error e;
    long *k;
    int cuts = cli_int_list("k", cutoffs, 1, 1000000, &k), count;
    int metrics = metric_list_parse(measures, k, cuts, &metric, &e);
    struct judge judge = { .metric = metric, .metrics = metrics, .seed = cli_seed,
                           .resamples = kind == PLOT_METRICS ? (int)resamples
                                                        : WORTHLESS_RESAMPLES,
                           .cluster = CLUSTER_AUTO, .group = "" };

    if (metrics < 0)
        cli_mistake("--measures: %s", e.text);
    judge_keep(&judge, f);
    filter_read(f);
    count = judge_all(&judge, f, v);
    check_split(v, count);
    check_scorers(v, count);
    if (kind == PLOT_METRICS)
        scorers_metrics(&figure, v, count, &scorers);
    else if (kind == PLOT_RANKS)
        scorers_ranks(&figure, v, count, &scorers);
    else
        scorers_calibration(&figure, f, v, count, &scorers);
    if (!figure_any(&figure))
        die("nothing to draw: no scores%s",
            kind == PLOT_CALIBRATION ? " of candidates, but ranks of all items" : "");
    write_figure(&figure, as);
    for (int i = 0; i < count; i++)
        evaluation_free(&v[i]);
    judge_free(&judge);
    free(metric);
    free(k);
    filter_close(f);
}

/* The items that are shown, in ascending order. */
static int32_t *choose_items(int64_t all, int *count)
{
    int32_t *list = mem_new((size_t)all + 1, sizeof *list);

    for (int64_t i = 0; i < all; i++)
        list[i] = (int32_t)i;
    *count = points ? sample_ids("plot joint", list, (int)all, (int)points, cli_seed)
                    : (int)all;
    return list;
}

static void plot_joint(int argc, char **argv, int first, enum form as)
{
    struct filter *f = filter_open_reading(argc, argv, first);
    struct joint_map map = { .column_name = column, .separator = separator };
    struct figure figure = { 0 };
    int32_t *items;

    filter_keep(f, "item.joint");
    filter_keep(f, "item.joint_text");
    if (*column)
        filter_keep_texts(f, column);
    filter_read(f);
    map.e = filter_tensor(f, "item.joint", DT_F4, 2, "align-train");
    if (filter_has(f, "item.joint_text"))
        map.q = filter_tensor_sized(f, "item.joint_text", DT_F4, map.e->shape[0],
                                    map.e->shape[1], "align-train");
    if (*column) {
        filter_needs(f, "column", column, "data-import");
        map.column = filter_texts(f, column, "data-import");
        if (map.column->count != map.e->shape[0])
            die("'%s' has %lld rows, item.joint %lld", column,
                (long long)map.column->count,
                (long long)map.e->shape[0]);
    }
    if (map.e->shape[0] < 2)
        die("item.joint has %lld rows, expected 2 or more", (long long)map.e->shape[0]);
    map.item = items = choose_items(map.e->shape[0], &map.items);
    joint_map_draw(&figure, &map);
    write_figure(&figure, as);
    free(items);
    filter_close(f);
}

int main(int argc, char **argv)
{
    int first = cli_parse(argc, argv, &cli);
    enum form as = choose_form();

    if (kind == PLOT_CURVES) {
        plot_curves(argc, argv, first, as);
    } else if (kind == PLOT_JOINT) {
        blas_start(argv);
        plot_joint(argc, argv, first, as);
    } else {
        plot_scorers(argc, argv, first, as);
    }
    return STATUS_DONE;
}
