#!/bin/sh
# docs/support.md is what the tool says of itself: `.show features`, as Markdown.
# support.sh TRAWL FILE compares; ACCEPT=1 rewrites the file.
trawl=$1
file=$2
made=$(mktemp)
trap 'rm -f "$made"' EXIT
{
    cat <<'TEXT'
# What runs

Made by `ACCEPT=1 sh tests/readme/support.sh build/trawl docs/support.md` from `trawl '.show features'`; a test compares. What
"parses only" is refused by name, at its place in the query. Functions and aggregates that are not listed are
unknown, but for older spellings of listed ones.

TEXT
    "$trawl" -o markdown '.show features' | sed 's/  */ /g; s/|--*/|---/g'
} >"$made" || exit 1
if [ -n "$ACCEPT" ]; then
    cp "$made" "$file"
fi
if diff "$file" "$made" >&2; then
    echo "1 passed, 0 failed"
else
    echo "docs/support.md is not what the tool says: run it with ACCEPT=1" >&2
    echo "0 passed, 1 failed"
    exit 1
fi
