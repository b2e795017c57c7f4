# metrics --format tsv --compare A,B,... of test users, or of genres, in Markdown.
#
# With `want` (more, less, atleast): one line on A minus `second` in HR@1, of all users or
# those of the group, after the words in `says`: the number, and whether its direction is
# the one that is said.  p above .05 is no direction.  "At least" holds where the interval
# excludes what is less by more than `margin`, not for want of users.
# Without: a table, each B minus A in HR@1 and NDCG@10, with intervals, p and the number of
# users; groups in lines of their own.
BEGIN { FS = "\t" }

NR == 1 {
    for (i = 1; i <= NF; i++)
        at[$i] = i
    next
}

# digits without the 0 before the point
function bare(text) {
    if (text ~ /^-0\.0*$/)
        text = substr(text, 2)
    sub(/^0\./, ".", text)
    sub(/^-0\./, "-.", text)
    return text
}

function short(x) {
    return bare(sprintf("%.3f", x))
}

function difference(x, low, high) {
    return (x > 0 ? "+" : "") short(x) " [" short(low) ", " short(high) "]"
}

function chance(p) {
    return bare(sprintf("%.2g", p))
}

function group_here() {
    return "group" in at && $at["group"] != "all" ? $at["group"] : ""
}

function at_least(x, low, p) {
    if (p <= .05 && x > 0)
        return "holds, it is more"
    if (low > -margin)
        return (p <= .05 ? "less, but " : "") "holds within " bare(margin "")
    return p <= .05 ? "does not hold" : "cannot be told apart"
}

$at["split"] !~ /^(test|genre)$/ || $at["against"] == "" || $at["metric"] !~ /^(hr@1|ndcg@10)\// { next }

want != "" {
    if ($at["against"] != second || $at["metric"] !~ /^hr/ || group_here() != group)
        next
    if (want == "atleast")
        verdict = at_least($at["value"], $at["low"], $at["p"])
    else if ($at["p"] > .05)
        verdict = "cannot be told apart"
    else
        verdict = ($at["value"] > 0) == (want != "less") ? "the same direction" \
            : "the other way round"
    printf "- %s. Here %s minus %s%s %s, p = %s, n = %d: %s.\n", says, $at["scorer"], second,
        (group == "" ? "" : ", " group),
        difference($at["value"], $at["low"], $at["high"]), chance($at["p"]), $at["users"],
        verdict
    found = 1
    next
}

{
    name = $at["against"] (group_here() == "" ? "" : ", " group_here())
    kind = $at["metric"] ~ /^hr/ ? 1 : 2
    if (!(name in users))
        row[++rows] = name
    users[name] = $at["users"]
    heading[kind] = $at["metric"]
    cell[name, kind] = difference(-$at["value"], -$at["high"], -$at["low"]) " | " \
        chance($at["p"])
}

END {
    if (want != "" && !found)
        printf "- %s. Here there are no such users.\n", says
    if (want == "") {
        printf "| | %s | p | %s | p | n |\n", heading[1], heading[2]
        print "|---|---|---:|---|---:|---:|"
    }
    for (i = 1; i <= rows; i++)
        printf "| %s | %s | %s | %s |\n", row[i], cell[row[i], 1], cell[row[i], 2],
            users[row[i]]
}
