#!/bin/sh
# trawl copy: a state of a database directory as one of its own. Takes the tool's path.
# Ends with "N passed, N failed".
. "$(dirname "$0")/lib.sh"

# gives NAME DIR WANTED QUERY
gives() {
    got=$("$tool" --db "$2" -o csv "$4" 2>&1 | tr '\r\n' '  ' | sed 's/ *$//')
    if [ "$got" = "$3" ]; then passed=$((passed + 1)); else fail "$1" "wanted: $3" "got:    $got"; fi
}

seq 1 50000 | awk 'BEGIN { print "n,word" } { print $1 ",w" $1 % 97 }' >rows.csv
printf 'n,word\n-1,late\n' >late.csv
says "rows in extents" 0 "ingested" ingest --db db --key k1 T rows.csv
"$tool" --db db '.delete table T records <| T | where n % 5 == 0' >/dev/null
"$tool" --db db '.set-or-append L <| print x = 1' >/dev/null
sleep 0.01
before=$("$tool" -o csv 'print now()' | tail -1 | tr -d '\r')
sleep 0.01
says "later rows, unsealed" 0 "ingested" ingest --db db --key k2 T late.csv
sums="T | summarize count(), sum(n), dcount(word)"
wanted=$("$tool" --db db -o csv "$sums" | tr '\r\n' '  ' | sed 's/ *$//')

says "a copy" 0 "copied" copy --db db there
gives "the same rows" there "$wanted" "$sums"
says "the copy is whole" 0 "no damage" fsck --db there
says "its keys are known" 0 "nothing to do" ingest --db there --key k2 T late.csv
shared=$(find there/extents -name '*.extent' -links +1 | wc -l)
[ "$shared" -ge 1 ] && passed=$((passed + 1)) || fail "extents are linked" "$shared"

says "an earlier state" 0 "copied" copy --db db --as-of "$before" earlier
gives "without what came later" earlier "late 0" "T | summarize late = countif(n == -1)"
says "nor its key" 0 "ingested" ingest --db earlier --key k2 T late.csv
says "which was known before" 0 "nothing to do" ingest --db earlier --key k1 T rows.csv

"$tool" --db there '.drop table T' >/dev/null
"$tool" --db db '.drop table L' >/dev/null
gives "one does not see what happens to the other" db "$wanted" "$sums"
gives "nor the other" there "x 1" "L"
rm -rf db
gives "nor needs it" earlier "n 40001" "T | summarize n = count()"
says "whole without it" 0 "no damage" fsck --db earlier

says "a folder that is there" 2 "is there already" copy --db earlier there
says "no database" 6 "nowhere" copy --db nowhere new
[ ! -e nowhere ] && [ ! -e new ] && passed=$((passed + 1)) || fail "nothing is made of it"
says "too few words" 2 "new folder" copy --db earlier

echo "$passed passed, $failed failed"
[ $failed = 0 ]
