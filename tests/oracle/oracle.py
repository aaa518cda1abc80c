"""tests/oracle/oracle.py: random queries whose answers must agree with each other.

    oracle.py ASK [seed] [rounds]

ASK is the program of ask.c. Three oracles: a predicate, its negation and `isnull` of it part the
rows of a table (ternary logic partitioning); threads, batch sizes and kernel levels change no
answer; a join equals its other formulation, a prefiltered scan of files equals a scan that nothing
can be pushed into. Prints the query of every disagreement; ends with "N passed, N failed".
"""
import csv
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

TYPES = ["long", "real", "string", "datetime", "bool", "timespan", "int"]
LITERALS = {
    "long": ["0", "1", "2", "-1", "5", "9223372036854775807", "-9223372036854775807"],
    "int": ["int(1)", "int(2)", "int(-7)"],
    "real": ["0.0", "1.5", "-2.5", "real(nan)", "real(+inf)", "1e300"],
    "string": ["'a'", "'b'", "'ab'", "'A b'", "'zz top'", "'é'"],
    "datetime": ["datetime(2024-01-01)", "datetime(2024-01-02)",
                 "datetime(2023-12-31T23:59:59.9999999)"],
    "bool": ["true", "false"],
    "timespan": ["1d", "2h", "0s", "-1h"],
}
STRING_TESTS = ["{0} == {1}", "{0} != {1}", "{0} has {1}", "{0} contains {1}",
                "{0} startswith {1}", "{0} =~ {1}", "{0} !has {1}", "{0} in ({1}, 'a')",
                "strlen({0}) > strlen({1})"]
WORDS = ["error", "Error", "ERROR", "warn", 'a"b', "x,y", "tab\there", "line\nbreak", "back\\slash",
         "é", "ÉTÉ", "ſ", "K", "ı", "/path/a", "id-42", "42", "", "a", "ab", "null", '"', '{"k":1}',
         "日本", "u0041"]
TEXT_TESTS = ["==", "=~", "!=", "has", "contains", "contains_cs", "startswith", "startswith_cs",
              "endswith", "endswith_cs", "has_cs", "!has", "!contains", "hasprefix", "hassuffix",
              "hasprefix_cs", "has_any", "has_all", "in", "in~"]
counts = {"passed": 0, "failed": 0}


class Engine:
    def __init__(self, program, paths=(), levels=None, skip=None):
        env = dict(os.environ)
        if levels:
            env["TRAWL_LEVELS"] = levels
        if skip:
            env["TRAWL_SKIP"] = skip
        self.process = subprocess.Popen([program, *paths], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, env=env)

    def ask(self, text, threads=1, batch=2048):
        """Rows of each result, or the error as a string."""
        raw = text.encode()
        self.process.stdin.write(b"%d %d %d\n" % (threads, batch, len(raw)) + raw)
        self.process.stdin.flush()
        results = []
        while True:
            line = self.process.stdout.readline().decode()
            if not line:
                sys.exit("the engine died of:\n" + text)
            if line == "ok\n":
                return results
            if line.startswith("error "):
                return line.strip()
            results.append(json.loads(line))


def check(what, ok, text, *more):
    counts["passed" if ok else "failed"] += 1
    if not ok:
        print(f"FAILED: {what}\n{text}", *(str(m)[:600] for m in more), sep="\n    ")


def literal(kind):
    if random.random() < 0.2:
        return "''" if kind == "string" else f"{kind}(null)"
    return random.choice(LITERALS[kind])


def table(name, columns, n):
    cells = ", ".join(literal(kind) for _ in range(n) for _, kind in columns)
    return f"let {name} = datatable({', '.join(f'{c}:{k}' for c, k in columns)})[{cells}];\n"


def predicate(columns, depth=0):
    dice = random.random()
    if depth < 2 and dice < 0.35:
        word = random.choice(["and", "or"])
        return f"({predicate(columns, depth + 1)} {word} {predicate(columns, depth + 1)})"
    if depth < 2 and dice < 0.45:
        return f"not({predicate(columns, depth + 1)})"
    name, kind = random.choice(columns)
    if random.random() < 0.1:
        return f"isnull({name})"
    if kind == "string":
        return random.choice(STRING_TESTS).format(name, literal(kind))
    if kind == "bool":
        return random.choice([name, f"{name} == true", f"{name} != false"])
    if random.random() < 0.15:
        return f"{name} between ({literal(kind)} .. {literal(kind)})"
    right = random.choice([literal(kind), random.choice([c for c, k in columns if k == kind])])
    return f"{name} {random.choice(['==', '!=', '<', '<=', '>', '>='])} {right}"


def partition(engine, tables, columns):
    p = predicate(columns)
    pipe = random.choice(["", "| extend z = 1", "| sort by c0 asc", "| distinct *", "| serialize",
                          "| union (T | where false)", "| where true | as X",
                          "| project-rename q = c0 | project-rename c0 = q"])
    text = tables + "".join(f"T {pipe} | {where}count;\n" for where in (
        "", f"where {p} | ", f"where not({p}) | ", f"where isnull({p}) | "))
    got = engine.ask(text)
    ok = not isinstance(got, str) and got[0][0][0] == sum(r[0][0] for r in got[1:])
    check("parts of a table", ok, text, got)


def settings(engines, tables, columns):
    names = [c for c, _ in columns]
    folds = ["count()", f"countif({predicate(columns)})", "dcount(c0)"]
    folds += [f"{f}({c})" for c, k in columns if k != "bool" for f in ("min", "max")]
    folds += [f"{f}({c})" for c, k in columns if k in ("int", "long") for f in ("sum", "avg")]
    some = ", ".join(random.sample(folds, 3))
    kind = random.choice(["inner", "leftouter", "rightouter", "fullouter", "leftsemi", "leftanti",
                          "rightsemi", "rightanti"])
    order = ", ".join(f"{c} {random.choice(['asc', 'desc', 'asc nulls last'])}" for c in names)
    text = tables + random.choice([
        f"T | summarize {some} by c0 | sort by c0 asc", f"T | summarize {some}",
        f"T | where {predicate(columns)}", f"T | join kind={kind} U on c0 | count",
        f"T | sort by {order}", "T | top 3 by c0 | project c0", "T | distinct c0", "union T, U",
        f"T | serialize r = row_number(), p = prev(c0) | where {predicate(columns)}"])
    seen = set()
    for engine, threads, batch in ((engines[0], 1, 2048), (engines[0], 2, 1), (engines[0], 2, 64),
                                   (engines[1], 1, 3)):
        got = engine.ask(text, threads, batch)
        seen.add(got if isinstance(got, str) else str(sorted(map(json.dumps, got[0]))))
    check("settings change an answer", len(seen) == 1 and "error" not in str(seen), text, *seen)


def joins(engine, tables):
    text = tables + """let L = T | serialize i = row_number(); let R = U | serialize j = row_number();
L | join kind=inner R on c0 | project i, j | sort by i asc, j asc;
L | extend one = 1 | join kind=inner (R | extend one = 1 | project-rename k = c0) on one
  | where c0 == k | project i, j | sort by i asc, j asc;
L | join kind=leftanti R on c0 | project i | sort by i asc;
L | where i !in ((L | join kind=inner R on c0 | project i)) | project i | sort by i asc;
L | join kind=leftouter R on c0 | where isnull(j) | project i | sort by i asc;
L | join kind=fullouter R on c0 | count; L | join kind=inner R on c0 | count;
R | join kind=leftanti L on c0 | count; L | join kind=rightanti R on c0 | count"""
    got = engine.ask(text, random.choice([1, 2]), random.choice([1, 5, 2048]))
    if isinstance(got, str):
        return check("joins run", False, text, got)
    nan = "c0:real" in tables  # NaN is a key like another, but equal to nothing
    check("inner join", got[0] == got[1] or nan, text, got[0], got[1])
    check("anti join", got[2] == got[3] == got[4], text, *got[2:5])
    check("full join", got[5][0][0] == got[6][0][0] + got[7][0][0] + len(got[2]), text, *got[5:8])
    check("right anti join", got[7] == got[8], text, *got[7:])


def write_files(folder):
    rows = [(i, " ".join(random.choice(WORDS) for _ in range(random.randint(0, 4))),
             random.choice(WORDS)) for i in range(random.choice([50, 700]))]
    with open(folder + "/c.csv", "w", newline="") as file:
        writer = csv.writer(file, quoting=random.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
                            lineterminator=random.choice(["\n", "\r\n"]))
        writer.writerows([("i", "s", "p", "q"), *((*row, "x") for row in rows)])
    with open(folder + "/j.jsonl", "w") as file:
        plain = random.choice([True, False])
        for i, s, p in rows:
            file.write(json.dumps({"i": i, "s": s, "p": p, "o": {"in": p}}, ensure_ascii=plain) + "\n")


def quoted(text):
    for a, b in (("\\", "\\\\"), ("'", "\\'"), ("\n", "\\n"), ("\t", "\\t")):
        text = text.replace(a, b)
    return f"'{text}'"


def files(program):
    folder = tempfile.mkdtemp()
    write_files(folder)
    engine = Engine(program, [folder])
    for _ in range(12):
        name = random.choice(["c", "j"])
        column = random.choice(["s", "p"] + (["tostring(o['in'])"] if name == "j" else []))
        word = quoted(random.choice(WORDS + ["rror", "RR", "b c", '"b', 'k":', "\\", "slash", "\n"]))
        test = random.choice(TEXT_TESTS)
        right = f"({word}, 'warn')" if re.match("has_a|in", test) else word
        more = random.choice(["", " and i >= 0", " or i == 3"]) + " | summarize count(), sum(i)"
        text = (f"{name} | where {column} {test} {right}{more};\n"
                f"{name} | extend z = strcat({column}, '') | serialize | where z {test} {right}{more}")
        got = engine.ask(text, random.choice([1, 2]), random.choice([64, 2048]))
        check("prefilter", not isinstance(got, str) and got[0] == got[1], text, got)
    engine.process.stdin.close()
    engine.process.wait()
    shutil.rmtree(folder)


def main():
    program = sys.argv[1]
    random.seed(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    engines = [Engine(program), Engine(program, levels="ref")]
    for _ in range(int(sys.argv[3]) if len(sys.argv) > 3 else 60):
        columns = [(f"c{k}", random.choice(TYPES)) for k in range(random.randint(1, 4))]
        others = [("c0", columns[0][1])] + [(f"d{k}", random.choice(TYPES)) for k in range(2)]
        one = table("T", columns, random.choice([0, 1, 5, 30, 30, 70]))
        both = one + table("U", others, random.choice([0, 3, 20, 40]))
        partition(engines[0], one, columns)
        settings(engines, both, columns)
        joins(engines[0], both)
        if random.random() < 0.2:
            files(program)
    print(f"{counts['passed']} passed, {counts['failed']} failed")
    sys.exit(counts["failed"] != 0)


if __name__ == "__main__":
    main()
