# tests/robust/lib.sh: what the scripts here share; sourced with the tool's path as $1. Begins in an
# empty folder that is removed at the end.
tool=$1
folder=$(mktemp -d)
trap 'chmod -R u+rw "$folder" 2>/dev/null; rm -rf "$folder"' EXIT
cd "$folder" || exit 2
passed=0
failed=0

# fail NAME LINE...
fail() {
    failed=$((failed + 1))
    echo "FAILED: $1"
    shift
    for line; do echo "    $line"; done
}

# says NAME CODE PART ARGUMENT...: exit code of the tool, and a part of what it says on stderr
says() {
    name=$1
    code=$2
    part=$3
    shift 3
    "$tool" "$@" >out 2>err
    got=$?
    if [ $got = "$code" ] && grep -q -e "$part" err; then
        passed=$((passed + 1))
    else
        fail "$name" "code $got, wanted $code" "$(head -5 err)"
    fi
}
