# Options that would do nothing are refused: who gives one means something else.

load common

# refuses WORDS COMMAND...: status 2, before any input is read, with those words.
refuses() {
    fails 2 "${@:2}" /nonexistent.mr
    says "$1"
}

@test "data-split: shares, lengths and counts of another way to split" {
    refuses "--valid-share needs --by time" data-split --valid-share 0.3
    refuses "--test-share needs --by time" data-split --by cold-users --test-share 0.3
    refuses "--length needs --by cold-users" data-split --length 5
    refuses "--items needs --by cold-items" data-split --items 5
    refuses "--few-shot needs --by leave-one-out" data-split --by time --few-shot 5
    refuses "--truncate says a length of its own" \
        data-split --by cold-users --truncate 10:4 --length 5
}

@test "cand-sample: what draws, where nothing is drawn" {
    refuses "--from gives candidates, --by pop draws them" cand-sample --from F --by pop
    refuses "-n says how many are drawn: --from draws none" cand-sample --from F -n 3
    refuses "-n says how many are drawn: --by all draws none" cand-sample --by all -n 3
}

@test "trainings: what another model, loss, net or phase would use" {
    refuses "--temperature needs a --match that has one" align-train --temperature 1
    refuses "--hidden needs --net deep" align-train --hidden 8,8
    refuses "--dropout needs --net deep" align-train --dropout 0.1
    refuses "--match-weight needs a --match that is on" \
        align-train --match off --match-weight 2
    refuses "--similarity needs --rec" align-train --rec 0 --similarity mean
    refuses "--gbce-t needs --loss gbce" cf-train --loss softmax --gbce-t 0.5
    refuses "--valid-users needs --valid-every N" \
        cf-train --valid-every 0 --valid-users 7
    refuses "--valid-users needs --valid-every N" \
        project-train --valid-every 0 --valid-users 7
    refuses "--keep needs --valid-users N" project-train --valid-users 0 --keep ndcg
    refuses "--checkpoint-every needs --checkpoint FILE" cf-train --checkpoint-every 3
    refuses "--prealign-lr needs --prealign N" \
        project-train --prealign 0 --prealign-lr 0.1
    refuses "--cold-share needs --joint auto" project-train --cold-share 0.2
}

@test "scores and measures: what another way would use" {
    refuses "--k needs --how rrf" score-fuse -k 10
    refuses "--l2 needs --how logistic" score-fuse --l2 2
    refuses "--on needs --how weights" score-fuse --how rrf --on hr@1
    refuses "--steps needs --how weights" score-fuse --weights a=1 --steps 3
    refuses "--warm needs --group warmth" metrics --warm 0.2
    refuses "--cold-most needs --group warmth" metrics --cold-most 3
    refuses "--rounds needs --compare A,B" metrics --rounds 700
    refuses "--from needs --head N" stream-show --name a --from 3
}

@test "--lines: what is of a stream" {
    refuses "--lines makes no use of --history" llm-score --lines --history 3
    refuses "--lines makes no use of --orders" llm-score --lines --orders 3
    refuses "--lines makes no use of --noun" llm-generate --lines --noun book
    refuses "--top-p needs --temperature above 0" llm-generate --top-p 0.5
    refuses "--template needs items of a stream" \
        sbert-encode -m MiniLM --lines --template '{title}'
}
