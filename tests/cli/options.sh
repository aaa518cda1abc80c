# Options: forms, values, typos, verbs.
run --threads=2 'print 1' --limit 5 -j1
same 'both forms of long options' 0 "$code"
run -ojson 'print x=1'
has 'short option with its value attached' '"rows":[[1]]' "$out"
run -- 'print x=1'
same 'a double dash ends options' 'x
1' "$out"
run query 'print x=1'
same 'the verb query' 'x
1' "$out"
run --no-explain 'print x=1'
same 'a switch can be negated' 'x
1' "$out"
run --no-color --no-progress -o box 'print x=1'
same 'color and progress can be negated' 0 "$code"

for typo in treads:threads ouput:output max-memroy:max-memory timout:timeout exit-statsu:exit-status \
    profle:profile expain:explain parm:param repaet:repeat limt:limit formt:format prgress:progress \
    colour:color sed:seed; do
    run "--${typo%%:*}" 'print 1'
    same "typo --${typo%%:*}: exit code" 2 "$code"
    has "typo --${typo%%:*}: hint" "did you mean '--${typo#*:}'?" "$err"
done

run --threads x 'print 1'
same 'a bad number' 2 "$code"
has 'a bad number tells the range' 'it takes a number from 0 to 1024' "$err"
run --max-memory 1X 'print 1'
has 'a bad size' 'such as 512MiB' "$err"
run --timeout 30 'print 1'
has 'a time needs its unit' '30s' "$err"
run --color=red 'print 1'
has 'a bad word' 'auto, always or never' "$err"
run --now yesterday 'print 1'
same 'a bad datetime' 2 "$code"
run --explain=1 'print 1'
has 'a switch with a value' '--explain takes no value' "$err"
run 'print 1' --limit
has 'an option without its value' '--limit needs a value' "$err"
run --param x 'print 1'
has 'a parameter without =' 'NAME=VALUE' "$err"
run --json 'print 1'
has 'an option of another verb' '-o json' "$err"
run -f - -
has 'standard input only once' 'only once' "$err"

for verb in export serve; do
    run $verb x
    same "the verb $verb: exit code" 2 "$code"
    has "the verb $verb is refused by name" "'$verb' does not work yet" "$err"
done
run --db "$dir/store" '.create table T (a:long)

.ingest inline into table T [1]

T | count'
same '--db: exit code' 0 "$code"
run --db "$dir/store" -o csv 'T'
same '--db keeps what it was given' "$(printf 'a\n1')" "$out"
run --db "$dir/store" --readonly '.drop table T'
same '--readonly: exit code' 7 "$code"
has '--readonly refuses changes' 'is open for reading only' "$err"
printf '2\n' >"$dir/more.csv"
run --db "$dir/store" ".ingest into table T ('$dir/more.csv')"
has 'files are not read unless allowed' 'is not below an opened path' "$err"
run --db "$dir/store" --allow "$dir" ".ingest into table T ('$dir/more.csv')"
same '--allow: exit code' 0 "$code"
run '.create table T (a:long)'
has 'files in place are only read' 'there is no database directory to change' "$err"
run --follow 'print 1'
has '--follow is refused by name' '--follow does not work yet' "$err"
run -o parquet 'print 1'
has 'parquet is refused by name' "'parquet' cannot be written yet" "$err"
run -o jsn 'print 1'
has 'typo of a format' "did you mean 'json'?" "$err"

run -h
same '-h: exit code' 0 "$code"
same '-h fits a screen' yes "$([ "$(wc -l <"$dir/out")" -le 24 ] && echo yes)"
same '-h has three examples' 3 "$(printf '%s\n' "$out" | sed -n '/^Examples/,/^$/p' | grep -c trawl)"
run --help
has '--help lists options' '--max-memory SIZE' "$out"
for option in $(grep -o -- '--[a-z][a-z-]*' "$dir/out" | sort -u); do
    case $option in
        --opt | --no-) continue ;;
    esac
    has "docs/cli.md names $option" "$option" "$(cat "$root/docs/cli.md")"
done
lacks 'hidden options are not shown' 'batch-rows' "$out"
run help schema
has 'help of a verb' 'trawl schema' "$out"
run help sem0100
has 'help of a code' 'SEM0100: no such name' "$out"
run help nothing
same 'help of an unknown topic' 2 "$code"
run --version
has '--version' 'trawl 0.' "$out"
run version --json
has 'version as JSON' '{"version":"0.' "$out"

# Every code that the library uses has a page: a row in cli/codes.c.
missing=
for code_name in $(grep -rhoE '"(SEM|SYN|FEA|TRW)[0-9]{4}"' "$root/runtime" --include='*.c' | tr -d '"' | sort -u); do
    grep -q "\"$code_name\"" "$root/cli/codes.c" || missing="$missing $code_name"
done
same 'codes without a page in cli/codes.c' '' "$missing"

# One letter left out of any option: the hint names the option.
"$trawl" --help >"$dir/help"
right=0
all=0
for name in $(grep -oE '^  (-., |    )--[a-z-]+' "$dir/help" | grep -oE '[a-z][a-z-]+$' | sort -u); do
    i=1
    while [ $i -le ${#name} ]; do
        typo=$(printf '%s' "$name" | sed "s/.//$i")
        i=$((i + 1))
        if [ ${#typo} -lt 2 ]; then continue; fi
        run "--$typo" x
        all=$((all + 1))
        case $err in
            *"did you mean '--$name'?"*) right=$((right + 1)) ;;
        esac
    done
done
same "one letter left out: $right of $all" yes "$([ $((right * 100)) -ge $((all * 95)) ] && [ "$all" -gt 100 ] && echo yes)"
