#!/bin/sh
# Files with a sidecar answer as they do without one, whatever happens to files and sidecar. Takes the
# tool's path. Ends with "N passed, N failed".
. "$(dirname "$0")/lib.sh"

queries="t | count
t | summarize count(), sum(n), dcount(s) by m
t | where s has 'w17' | order by n asc
t | where s contains 'ord 9' and n < 9000 | summarize count(), max(n)
t | where n between (500 .. 520) | order by n asc
t | where d.k == 3 | count
t | take 7
t | where s matches regex 'w1[0-9]\$' | summarize sum(n) by d_x = tostring(d.x.y)
t | summarize min(n), max(n), countif(isnull(d)), make_set(m)"

# answers: what the tool says now to all queries
answers() {
    echo "$queries" | while read -r query; do "$tool" --threads 1 -o jsonl "$query" data 2>&1 || echo "code $?"; done
}

# same NAME: the answers are those of plain files
same() {
    answers >now
    mv data/t/.trawl aside 2>/dev/null
    answers >plain
    mv aside data/t/.trawl 2>/dev/null
    if cmp -s now plain && ! grep -q '^code' plain; then
        passed=$((passed + 1))
    else
        fail "$1" "$(diff now plain | head -8)"
    fi
}

# told NAME PART: index says so
told() {
    "$tool" index data >out 2>err
    if grep -q "$2" err; then passed=$((passed + 1)); else fail "$1" "$(cat err)"; fi
}

rows() { # FROM TO
    awk -v a="$1" -v b="$2" 'BEGIN { for (i = a; i < b; i++)
        printf "{\"n\":%d,\"s\":\"some word %d and w%d\",\"m\":\"m%d\",\"d\":%s}\n", i, i, i % 50, i % 7,
            i % 11 ? "{\"k\":" i % 5 ",\"x\":{\"y\":\"" i % 13 "\"}}" : "null" }'
}

mkdir -p data/t
rows 0 6000 >data/t/a.jsonl
rows 6000 9000 | gzip >data/t/b.jsonl.gz
rows 9000 9100 >data/t/c.jsonl
told "first" "indexed 3 files, 9100 rows"
same "all from the sidecar"
told "nothing to do" "indexed 0 files.*3 unchanged"
same "again"
rows 9100 9200 >data/t/d.jsonl
same "a new file"
told "the new file" "indexed 1 file,"
same "with it"
rows 0 50 >>data/t/c.jsonl
same "a longer file"
told "the longer file" "unchanged"
same "with the longer file"
rm data/t/a.jsonl
same "a file is gone"
told "without it" "unchanged"
same "indexed without it"
for extent in data/t/.trawl/*.extent; do
    printf '\377' | dd of="$extent" bs=1 seek=20 conv=notrunc 2>/dev/null
done
same "damaged headers"
rm -f data/t/.trawl/*.extent
same "lost extents"
told "made again" "indexed"
same "after that"
for list in data/t/.trawl/*.json; do echo '{"version":1,"parts":[{}],"columns":' >"$list"; done
same "a broken list"
rm -rf data/t/.trawl
same "deleted"
told "from nothing" "indexed"
same "the end"
if ls data/t/.trawl/*.new >/dev/null 2>&1; then fail "left over" "$(ls -a data/t/.trawl)"; else passed=$((passed + 1)); fi

echo "$passed passed, $failed failed"
[ $failed = 0 ]
