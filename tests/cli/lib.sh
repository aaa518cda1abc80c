# tests/cli/lib.sh: runs trawl and compares. Knows no case.
passed=0
failed=0

# run ARGS...: leaves standard output in $out, standard error in $err, the exit code in $code.
run() {
    code=0
    "$trawl" "$@" >"$dir/out" 2>"$dir/err" </dev/null || code=$?
    out=$(cat "$dir/out")
    err=$(cat "$dir/err")
}

# run_with INPUT ARGS...: the same with standard input.
run_with() {
    input=$1
    shift
    code=0
    printf '%s' "$input" | "$trawl" "$@" >"$dir/out" 2>"$dir/err" || code=$?
    out=$(cat "$dir/out")
    err=$(cat "$dir/err")
}

pass() {
    passed=$((passed + 1))
}

fail() {
    failed=$((failed + 1))
    echo "FAILED $1"
    shift
    for line in "$@"; do
        printf '%s\n' "$line" | sed 's/^/    /'
    done
}

# same NAME EXPECTED ACTUAL
same() {
    if [ "$2" = "$3" ]; then pass; else fail "$1" "expected: $2" "found:    $3"; fi
}

# has NAME PART TEXT
has() {
    case $3 in
        *"$2"*) pass ;;
        *) fail "$1" "expected a part: $2" "found: $3" ;;
    esac
}

# lacks NAME PART TEXT
lacks() {
    case $3 in
        *"$2"*) fail "$1" "should not hold: $2" "found: $3" ;;
        *) pass ;;
    esac
}

# golden NAME: $out is as in golden/NAME. With ACCEPT=1 the file is rewritten.
golden() {
    if [ -n "${ACCEPT:-}" ]; then cp "$dir/out" "$here/golden/$1"; fi
    if cmp -s "$here/golden/$1" "$dir/out"; then
        pass
    else
        fail "golden $1" "$(diff "$here/golden/$1" "$dir/out" | head -20)"
    fi
}
