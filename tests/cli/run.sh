#!/bin/sh
# tests/cli/run.sh TRAWL GENERATE: the tool seen from outside. ACCEPT=1 rewrites golden/.
trawl=$1
generate=$2
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
dir=$(mktemp -d) || exit 1
trap 'chmod -R u+rwx "$dir"; rm -rf "$dir"' EXIT
unset NO_COLOR CLICOLOR_FORCE COLUMNS
LC_ALL=C.UTF-8
export LC_ALL

. "$here/lib.sh"
printf 'name,age,score,when\n"Smith, J",42,1.5,2024-01-01T00:00:00Z\n\303\205sa,,0.1,\n"say ""hi""",7,100,2024-02-29T12:34:56.7Z\n' >"$dir/people.csv"

for part in options results formats errors exit_codes check signals generator; do
    . "$here/$part.sh"
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
