# costs.tsv (row, seed, stage 1, stage 2, CPU, kB) and metrics.tsv (metrics --format tsv, scorers
# ROW@SEED) to the table of five rows: tab-separated on standard output, mean and standard
# deviation (n - 1) in columns of their own; in Markdown to the file `markdown`.
BEGIN {
    FS = OFS = "\t"
    rows = split("a-llmrec larger-llm infonce deeper everything", row, " ")
    split("A-LLMRec;larger LLM;InfoNCE;deeper network;everything (larger LLM, deeper)",
          title, ";")
    columns = split("time s;stage 1 s;stage 2 s;CPU s;memory MB", column, ";")
    kinds = split("ndcg@10 hr@10 hr@1", kind, " ")
    splits = split("valid test", splitname, " ")
    for (s = 1; s <= splits; s++)
        for (k = 1; k <= kinds; k++)
            column[++columns] = splitname[s] " " kind[k]
}

function add(r, c, x) {
    n[r, c]++
    sum[r, c] += x
    value[r, c, n[r, c]] = x
}

FILENAME == ARGV[1] {
    add($1, "time s", $3 + $4)
    add($1, "stage 1 s", $3)
    add($1, "stage 2 s", $4)
    if ($5 != "")
        add($1, "CPU s", $5)
    add($1, "memory MB", $6 / 1024)
    seen[$1]++
    next
}

# hr@1/20 uniform: the protocol is part of the column's heading.
FNR > 1 && $3 == "" {
    at = index($2, "@")
    slash = index($4, "/")
    name = $1 " " substr($4, 1, slash - 1)
    heading[name] = $1 " " $4
    if (at)
        add(substr($2, 1, at - 1), name, $5)
}

function mean(r, c) {
    return sum[r, c] / n[r, c]
}

function deviation(r, c,    i, square) {
    for (i = 1; i <= n[r, c]; i++)
        square += (value[r, c, i] - mean(r, c)) ^ 2
    return n[r, c] > 1 ? sqrt(square / (n[r, c] - 1)) : ""
}

# .4560, as metrics prints it
function short(x,    text) {
    text = sprintf("%.4f", x)
    sub(/^0/, "", text)
    return text
}

function cell(r, c,    i, spread) {
    i = c ~ /@/
    spread = deviation(r, c)
    if (!n[r, c])
        return "–"
    return (i ? short(mean(r, c)) : sprintf("%.0f", mean(r, c))) \
        (spread == "" ? "" : " ± " (i ? short(spread) : sprintf("%.0f", spread)))
}

function head(c) {
    return c in heading ? heading[c] : c
}

function six(x) {
    return x == "" ? "" : sprintf("%.6g", x)
}

function tsv(    i, j) {
    printf "row\tseeds"
    for (j = 1; j <= columns; j++)
        printf "\t%s\tsd", head(column[j])
    print ""
    for (i = 1; i <= rows; i++) {
        printf "%s\t%d", row[i], seen[row[i]]
        for (j = 1; j <= columns; j++)
            printf "\t%s\t%s", six(n[row[i], column[j]] ? mean(row[i], column[j]) : ""),
                six(deviation(row[i], column[j]))
        print ""
    }
}

function md(    i, j) {
    printf "| |" > markdown
    for (j = 1; j <= columns; j++)
        printf " %s |", head(column[j]) > markdown
    printf "\n|---|" > markdown
    for (j = 1; j <= columns; j++)
        printf "---:|" > markdown
    for (i = 1; i <= rows; i++) {
        printf "\n| %s |", title[i] > markdown
        for (j = 1; j <= columns; j++)
            printf " %s |", cell(row[i], column[j]) > markdown
    }
    print "" > markdown
}

END {
    tsv()
    md()
}
