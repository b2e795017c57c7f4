# Lines of align-train's logs, KIND and SEED before each, to a Markdown table of the joint
# spaces, means over seeds, and the numbers themselves to the file `tsv`.
BEGIN {
    kinds = split("mse infonce deep", kind, " ")
    split("squared error (A-LLMRec, larger LLM);InfoNCE;deeper (deeper, everything)",
          title, ";")
    columns = split("std e;mean cosine e;std q;mean cosine q;own text @1;own text @10;" \
        "near in E, far in Q: near in e;the same: near in q", column, ";")
    print "kind\tseed\tcolumn\tvalue" > tsv
}

# The number after a word in the line; none: nothing.
function add(c, after,    text) {
    text = $0
    if (!sub(".*" after, "", text) || text !~ /^ *-?[0-9.]/)
        return
    n[$1, column[c]]++
    sum[$1, column[c]] += text + 0
    printf "%s\t%s\t%s\t%s\n", $1, $2, column[c], text + 0 > tsv
}

/  item\.joint / { add(1, "item\\.joint "); add(2, "item\\.joint +[0-9.]+ ") }
/  item\.joint_text / { add(3, "item\\.joint_text "); add(4, "item\\.joint_text +[0-9.]+ ") }
/own text found/ { add(5, "@1 "); add(6, "@10 ") }
/near in item\.cf/ { add(7, "item\\.text: "); add(8, "in item\\.joint, ") }

END {
    printf "| stage 1 |"
    for (j = 1; j <= columns; j++)
        printf " %s |", column[j]
    printf "\n|---|"
    for (j = 1; j <= columns; j++)
        printf "---:|"
    for (i = 1; i <= kinds; i++) {
        printf "\n| %s |", title[i]
        for (j = 1; j <= columns; j++) {
            at = kind[i] SUBSEP column[j]
            text = n[at] ? sprintf("%.4f", sum[at] / n[at]) : "–"
            sub(/^0/, "", text)
            printf " %s |", text
        }
    }
    print ""
}
