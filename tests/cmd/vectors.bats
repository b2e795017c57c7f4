# Loops with exp stay vectors: the compiler's own report says so, for processors with
# AVX2 and with AVX-512.

setup() {
    cd "$BATS_TEST_DIRNAME/../.."
    unset MAKEFLAGS MFLAGS MAKELEVEL MODE
    cc=gcc
    [ "$(uname -m)" = x86_64 ] || skip "not x86-64"
    command -v $cc > /dev/null || skip "no gcc, whose report is read"
}

# file:line of every loop marked `omp simd` whose body calls a function of vecmath.h or
# vecgelu.h; the line is the pragma's.
loops() {
    awk 'FNR == 1 { near = 0 }
         /#pragma omp simd/ { at = FNR; near = 8 }
         near-- > 0 && /real_exp|real_sigmoid|real_tanh|vec_gelu|vec_expf/ {
             print FILENAME ":" at
             near = 0
         }' lib/*/*.[ch]
}

# The lines that gcc's report names as vectorised, file:line of each, for -march=$1;
# compiled are $2 and on, with the Makefile's flags.
report() {
    local arch=$1 file flags

    shift
    for file; do
        flags=$(make -n -B CC=$cc ARCH="$arch" CFLAGS= ".build/release/${file%.c}.o" |
            sed -n "s/^$cc \(.*\) -c -o .*/\1/p" | sed 's/-MMD -MP//')
        eval "$cc $flags -fopt-info-vec-optimized -c -o /dev/null $file" 2>&1
    done | sed -n 's/^\([^:]*:[0-9]*\):.*loop vectorized using \(32\|64\) byte.*/\1 \2/p'
}

# Every loop has a line of the report of $1-byte vectors within it.
check() {
    local bytes=$1 list=$2 loop file line count=0

    while IFS=: read -r file line; do
        awk -v file="$file" -v line="$line" -v bytes="$bytes" '
            { split($1, at, ":") }
            at[1] == file && at[2] > line && at[2] <= line + 8 && $2 == bytes { found = 1 }
            END { exit !found }' <<< "$list" ||
            { echo "$file:$line: no vectors of $bytes bytes"; return 1; }
        count=$((count + 1))
    done < <(loops)
    [ $count -ge 8 ]
}

sources() {
    # what compiles the loops of headers
    loops | sed 's/:.*//; s|lib/nn/vecmath.h|lib/nn/loss.c|; s|lib/nn/softcap.h|lib/llm/decoder_attention.c|' | sort -u
}

@test "loops with exp are vectors of 32 bytes on x86-64-v3" {
    check 32 "$(report x86-64-v3 $(sources))"
}

@test "loops with exp are vectors of 64 bytes with AVX-512" {
    check 64 "$(report x86-64-v4 $(sources))"
}
