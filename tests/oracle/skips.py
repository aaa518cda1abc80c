"""tests/oracle/skips.py: what is skipped changes no answer.

    skips.py ASK [--seed N] [--rounds N] [--same PATH] [--trawl PROGRAM] [PATH...]

ASK is the program of ask.c, PATH what it opens: files and directories; "db:DIR" is a database
directory. Without a PATH it looks at files that it makes itself; what --same names (say, the same
files without their index) must answer alike. With --trawl, the files that it makes are also looked
at with an index beside them, and in a database directory. Asks random questions, made of values,
words and pieces of words that the tables hold, once with TRAWL_SKIP=none, once with all, and once
with a random choice of ways to skip; the answers must be the same. Prints the query of every
disagreement; ends with "N passed, N failed".
"""
import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

from oracle import Engine, WORDS, check, counts, quoted

SKIPS = ["zones", "terms", "ngrams", "encoded", "metadata"]
ORDERED = ["==", "<", "<=", ">", ">="]
TEXT_TESTS = ["==", "=~", "has", "has_cs", "hasprefix", "hasprefix_cs", "hassuffix", "hassuffix_cs",
              "contains", "contains_cs", "startswith", "startswith_cs", "endswith", "endswith_cs"]
LITERAL = {"long": "long({})", "int": "int({})", "real": "real({})", "datetime": "datetime({})",
           "timespan": "timespan({})", "guid": "guid({})", "decimal": "decimal({})", "bool": "{}"}
BINS = {"long": ["7", "10", "1000"], "int": ["10"], "datetime": ["1h", "1d", "10m"],
        "timespan": ["1h", "1s"]}
SAMPLE = 300
CASTS = ["tostring", "tolong", "toint", "todouble", "toreal", "todecimal", "tobool", "todatetime",
         "totimespan", "toguid"]
# Letters beyond ASCII right beside words: whether these end there is for nobody but the engine.
BESIDE = ["éerror", "erroré", "error·id", "x·warn", "日42", "ſwarn", "Kid-4", "request\u00a0error"]


def name_of(column):
    return f"['{column}']"


class Table:
    """Columns of a table with some of the texts that their values have."""

    def __init__(self, engine, name):
        self.name = name_of(name)
        rows = engine.ask(f"{self.name} | getschema | project ColumnName, ColumnType")
        if isinstance(rows, str):
            sys.exit(f"{name}: {rows}")
        self.columns = [tuple(row) for row in rows[0]]
        texts = ", ".join(f"c{i} = tostring({name_of(c)})" for i, (c, _) in enumerate(self.columns))
        source = random.choice(["take", "sample"])
        some = engine.ask(f"{self.name} | {source} {SAMPLE} | project {texts}")[0]
        self.samples = {c: [row[i] for row in some] for i, (c, _) in enumerate(self.columns)}

    def digest(self):
        """Rows as a few numbers that do not depend on their order."""
        texts = ", ".join(f"tostring({name_of(c)})" for c, _ in self.columns)
        return (f"extend h__ = hash(strcat_delim('|', {texts}, '')) | "
                "summarize count(), sum(h__ % 1000000007), min(h__), max(h__)")


def sample(table, column):
    texts = table.samples[column]
    return random.choice(texts) if texts else ""


def word_in(text):
    """A term, a piece of the text, a piece of a term, or none of it."""
    terms = re.findall(r"\w+", text)
    dice = random.random()
    if dice < 0.35 and terms:
        word = random.choice(terms)
    elif dice < 0.55 and terms:
        word = random.choice(terms)
        word = word[random.randint(0, len(word) // 2):][:random.randint(1, 8)]
    elif dice < 0.8 and text:
        at = random.randrange(len(text))
        word = text[at:at + random.randint(1, 12)]
    elif dice < 0.9:
        word = text[:60]
    else:
        word = random.choice(WORDS + ["zq", "nowhere", "·", "x·y", "_"])
    if random.random() < 0.15:
        word = word.swapcase()
    if random.random() < 0.08:
        word += random.choice("xé·-_ 7")
    return word or "e"


def pattern_of(word):
    escaped = re.escape(word.encode("ascii", "ignore").decode()) or "e"
    escaped = escaped.replace("\n", "\\n").replace("'", ".")
    return "@'" + random.choice([escaped, escaped + r"\d*", r"\b" + escaped, "(?i)" + escaped,
                                 escaped + "|nowhere", "(" + escaped + "|zq+)x?"]) + "'"


def text_test(expr, texts):
    def pick():
        return word_in(random.choice(texts) if texts else "")
    dice = random.random()
    if dice < 0.55:
        return f"{expr} {random.choice(TEXT_TESTS)} {quoted(pick())}"
    whole = [random.choice(texts) if texts else "" for _ in range(random.randint(1, 9))]
    if dice < 0.7:
        return f"{expr} {random.choice(['in', 'in~', '!in'])} ({', '.join(map(quoted, whole))})"
    if dice < 0.8:
        words = ", ".join(quoted(pick()) for _ in range(random.randint(1, 4)))
        return f"{expr} {random.choice(['has_any', 'has_all'])} ({words})"
    if dice < 0.9:
        return f"{expr} matches regex {pattern_of(pick())}"
    return f"{expr} == {quoted(whole[0])}"


def path_in(table, column):
    """A path that some value has, and the value there."""
    path = name_of(column)
    try:
        value = json.loads(sample(table, column) or "null")
    except ValueError:
        value = None
    while isinstance(value, (dict, list)) and value and random.random() < 0.8:
        if isinstance(value, dict):
            key = random.choice(list(value))
            path, value = f"{path}[{quoted(key)}]", value[key]
        else:
            at = random.randrange(len(value))
            path, value = f"{path}[{at}]", value[at]
    return path, value


def literal_of(value):
    """The value, or one near it, as a constant of some type."""
    if isinstance(value, bool):
        return random.choice([str(value).lower(), "true", "1"])
    if isinstance(value, (int, float)):
        return random.choice([str(value), str(int(value)), f"{int(value)}.0", f"{float(value) + 0.5}",
                              f"int({int(value) % 1000})", quoted(str(value)), "9007199254740993"])
    if isinstance(value, str):
        times = ["datetime(2024-03-05)", "datetime(2024-05-01T10:00:00.5Z)", "1d"]
        return random.choice([quoted(value), quoted(value), quoted(""), "12", "1.5", "true",
                              "guid(74be27de-1e4e-49d9-b579-fe0b331d3642)"] + times)
    return random.choice(["1", "'a'", "true", "2.5", "long(null)", "datetime(2024-01-01)"])


def turned(path):
    """What is at the path, as a plain type."""
    return f"{random.choice(CASTS)}({path})"


def dynamic_test(table, column):
    """A test of the whole value, or of something on a path that some value has."""
    path, value = path_in(table, column)
    texts = table.samples[column]
    if path != name_of(column):
        texts = [value if isinstance(value, str) else json.dumps(value)]
    dice = random.random()
    if dice < 0.15:
        return f"{random.choice(['isnull', 'isnotnull', 'isnotempty'])}({path})"
    if dice < 0.4:
        order, literal = random.choice(ORDERED + ["!="]), literal_of(value)
        if literal.startswith(("'", '"', "@", "guid")):
            order = random.choice(["==", "!="])
        return random.choice([f"{path} {order} {literal}"] * 4 + [f"{literal} {order} {path}"])
    if dice < 0.6:
        cast = turned(path)
        return random.choice([f"isnull({cast})", f"isnotempty({cast})",
                              f"tolong({path}) {random.choice(ORDERED + ['!='])} 12",
                              f"todouble({path}) {random.choice(ORDERED)} 1.5",
                              f"todatetime({path}) {random.choice(ORDERED)} datetime(2024-03-05)",
                              f"tobool({path})", f"strlen(tostring({path})) > 3",
                              f"tolower(tostring({path})) == {quoted(random.choice(texts).lower())}"])
    return text_test(random.choice([path, f"tostring({path})"]), texts)


def value_test(table, column, kind):
    name, wrap = name_of(column), LITERAL[kind]

    def literal():
        text = sample(table, column)
        return wrap.format(text or "null") if kind != "bool" or text else "bool(null)"
    dice = random.random()
    if kind == "bool":
        return random.choice([name, f"not({name})", f"{name} == {literal()}", f"isnull({name})"])
    if dice < 0.1:
        return random.choice([f"isnull({name})", f"isnotnull({name})"])
    if dice < 0.3:
        values = ", ".join(literal() for _ in range(random.randint(1, 12)))
        return f"{name} {random.choice(['in', '!in'])} ({values})"
    if kind == "guid":
        return f"{name} == {literal()}"
    if dice < 0.45 and kind != "decimal":
        return f"{name} between ({literal()} .. {literal()})"
    if dice < 0.6 and kind in BINS:
        step = random.choice(BINS[kind])
        return f"bin({name}, {step}) {random.choice(ORDERED)} bin({literal()}, {step})"
    if dice < 0.7 and kind == "datetime":
        start = random.choice(["startofday", "startofmonth", "startofyear", "startofweek"])
        return f"{start}({name}) {random.choice(ORDERED)} {start}({literal()})"
    if dice < 0.7 and kind in ("int", "long"):
        return f"{name} {random.choice(ORDERED)} toreal({literal()}) + {random.choice(['0.0', '0.5'])}"
    if dice < 0.8:
        top = f"{table.name} | top 3 by {name} | project {name}"
        return random.choice([f"{name} in (({top}))", f"{name} >= toscalar({top} | take 1)"])
    return f"{name} {random.choice(ORDERED + ['!='])} {literal()}"


def test_of(table, depth=0):
    dice = random.random()
    if depth < 3 and dice < 0.35:
        word = random.choice(["and", "and", "or"])
        return f"({test_of(table, depth + 1)} {word} {test_of(table, depth + 1)})"
    if depth < 3 and dice < 0.42:
        return f"not({test_of(table, depth + 1)})"
    column, kind = random.choice(table.columns)
    if kind == "string":
        if random.random() < 0.1:
            return random.choice(["isempty({})", "isnotempty({})"]).format(name_of(column))
        return text_test(name_of(column), table.samples[column])
    if kind == "dynamic":
        return dynamic_test(table, column)
    return value_test(table, column, kind) if kind in LITERAL else "true"


def path_question(table, column, settled):
    """Values at paths as keys, as what is folded, and as they come."""
    one, other = path_in(table, column)[0], path_in(table, column)[0]
    return random.choice([
        f"{settled} | summarize n = count() by k = {turned(one)} | order by n, tostring(k) asc "
        "| take 30",
        f"{settled} | summarize n = count() by k = tostring({one}), l = tostring({other}) "
        "| sort by n, k asc, l asc | take 30",
        f"{settled} | summarize sum(tolong({one})), min(todouble({other})), "
        f"max(todatetime({one})), dcount(tostring({other}))",
        f"{settled} | summarize countif({dynamic_test(table, column)}), count({turned(one)}) "
        f"by k = tolower(tostring({other})) | sort by k asc",
        f"{settled} | project a = tostring({turned(one)}), b = tostring({turned(other)}) "
        "| sort by a asc, b asc | take 20",
    ])


def question(table):
    column, kind = random.choice(table.columns)
    name = name_of(column)
    extremes = "" if kind in ("dynamic", "bool", "guid") else f", min({name}), max({name})"
    where = f"{table.name} | where {test_of(table)}"
    several = " ".join(f"| where {test_of(table, 3)}" for _ in range(random.randint(1, 3)))
    settled = f"{table.name} {several}"
    if kind == "dynamic" and random.random() < 0.7:
        return path_question(table, column, random.choice([settled, table.name]))
    return random.choice([
        f"{settled} | count",
        f"{settled} | count",
        f"{settled} | {table.digest()}",
        f"{settled} | summarize n = count() by k = tostring({name}) | sort by n, k asc | take 20",
        f"{settled} | where {test_of(table)} | count",
        f"union ({settled}), ({where}) | count",
        f"{where} | count",
        f"{where} | count",
        f"{where} | {table.digest()}",
        f"{where} | {table.digest()}",
        f"{where} | summarize n = count() by k = tostring({name}) | sort by n, k asc | take 20",
        f"{where} | summarize count(){extremes}",
        f"{where} | project k = tostring({name}) | top 5 by k asc",
        f"{table.name} | summarize count(), count({name}){extremes}",
        f"{table.name} | count",
        f"{where} | extend k = tostring({name}) | where {test_of(table)} | summarize dcount(k)",
        f"{where} | where isnotnull(ingestion_time()) or {test_of(table)} | count",
    ])


def mixed(usual, share):
    """The usual value, or, of that share of values, anything."""
    if random.random() >= share:
        return usual
    odd = [None, True, False, str(usual), "12", "1.5", " 7 ", "true", "", 12, -3, 1.5, 9007199254740993,
           1e300, "2024-03-05", [1, "12"], {"n": 12, "s": "12"}, {}, "x·y", "éerror"]
    return random.choice(odd)


def write_documents(path, rows):
    """Bags of members that have mostly one form, or nearly always, or always."""
    odd = random.choice([0, 0.001, 0.02, 0.4])
    kinds = ["click", "view", "order placed", "Error x"]
    with open(path, "w") as file:
        for i in range(rows):
            guid = f"74be27de-1e4e-49d9-b579-{random.randrange(1 << 40):012x}"
            doc = {"n": mixed(random.randint(0, 40), odd), "big": mixed(i * 1000003, odd),
                   "r": mixed(round(random.uniform(-3, 3), 1), odd),
                   "s": mixed(random.choice(kinds), odd), "u": mixed(f"user_{i % 5000} ünit", odd),
                   "flag": mixed(random.random() < 0.5, odd), "g": mixed(guid, odd),
                   "at": mixed(f"2024-0{1 + i % 9}-{1 + i % 28:02d}T{i % 24:02d}:00:00Z", odd),
                   "code": mixed(f"nav-item-{i % 100:02d}", odd), "one": "same",
                   "in": mixed({"n": i % 7, "s": random.choice(kinds)}, odd)}
            missing = random.choice([0, 0.3])
            doc = {k: v for k, v in doc.items() if random.random() >= missing}
            device = {"os": random.choice(["ios", "android", None, 5]), "w": random.choice([320, "320"])}
            line = {"doc": mixed(doc, odd), "device": device, "row": i}
            file.write(json.dumps({k: v for k, v in line.items() if random.random() < 0.97}) + "\n")


def write_files(folder, rows):
    """A table of mixed columns as JSON lines, one of documents, a plain one as CSV."""
    write_documents(folder + "/docs.jsonl", rows)
    with open(folder + "/mixed.jsonl", "w") as file:
        for i in range(rows):
            line = {"id": i, "near": i // 50, "r": round(random.uniform(-9, 9), 2),
                    "t": f"2024-0{1 + i * 9 // rows}-{1 + i % 28:02d}T{i % 24:02d}:00:00Z",
                    "level": random.choice(["INFO", "WARN", "Error", "debug"]),
                    "line": " ".join(random.choice(WORDS + BESIDE +
                                                   ["request", "id-%d" % i, "x·y", "user_7"])
                                     for _ in range(random.randint(0, 6))),
                    "kind": random.choice(["GET /a/b", "POST /a/c", "éerror", "error é", "", "warn"]),
                    "event": f"user {random.choice(['ann', 'bob', 'éva'])} from 10.0.{i % 256}.{i % 7} "
                             f"took {i % 997} ms, " + random.choice(["status=ok", "status=failed éx",
                                                                     "retry 3 of 5"]),
                    "ok": random.random() < 0.5,
                    "d": random.choice([None, {"k": random.choice(WORDS), "n": i % 7},
                                        {"k": {"deep": [i, "ab cd"]}}, [1, "two"], "plain"])}
            file.write(json.dumps({k: v for k, v in line.items() if random.random() < 0.95}) + "\n")
    with open(folder + "/plain.csv", "w") as file:
        file.write("id,name,v,t\n")
        for i in range(rows):
            file.write(f"{i},{random.choice(['ann', 'bob', 'Bob', 'ann-bob', ''])},"
                       f"{random.randint(-1000, 1000)},2024-01-01T00:{i % 60:02d}:00Z\n")


def engine_of(ask, paths, skip):
    databases = [path[3:] for path in paths if path.startswith("db:")]
    files = [path for path in paths if not path.startswith("db:")]
    return Engine(ask, (["--db", databases[0]] if databases else []) + files, skip=skip)


def other_forms(trawl, folder):
    """The files of the folder with an index beside them, and in a database directory."""
    indexed, database = folder + ".indexed", folder + ".db"
    shutil.copytree(folder, indexed)
    subprocess.run([trawl, "index", indexed], check=True, stdout=subprocess.DEVNULL)
    for name in os.listdir(folder):
        subprocess.run([trawl, "ingest", "--db", database, name.split(".")[0],
                        f"{folder}/{name}"], check=True, stderr=subprocess.DEVNULL)
    return [indexed, "db:" + database]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("ask")
    parser.add_argument("paths", nargs="*")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--same", action="append", default=[],
                        help="a path that holds the same tables in another way")
    parser.add_argument("--trawl", help="the command line tool")
    given = parser.parse_intermixed_args()
    random.seed(given.seed)
    folder = None if given.paths else tempfile.mkdtemp()
    if folder:
        write_files(folder, random.choice([300, 5000, 9000]))
    paths = given.paths or [folder]
    same = given.same + (other_forms(given.trawl, folder) if folder and given.trawl else [])
    skips = ["all", ",".join(random.sample(SKIPS, 2)), random.choice(SKIPS)]
    forms = [{skip: engine_of(given.ask, some, skip) for skip in ["none"] + skips}
             for some in [paths] + [[path] for path in same]]
    names = [row[0] for row in forms[0]["none"].ask(".show tables")[0]]
    tables = [Table(forms[0]["none"], name) for name in names]
    for _ in range(given.rounds):
        text = question(random.choice(tables))
        first = None
        for number, form in enumerate(forms):
            plain = None
            for skip, engine in form.items():
                got = engine.ask(text, random.choice([1, 2]), random.choice([64, 2048]))
                if skip == "none":
                    plain = got
                    check("a question runs", not isinstance(got, str), text, got)
                else:
                    check(f"skipping by {skip} changes the answer of form {number}", got == plain,
                          text, plain, got)
            first = plain if first is None else first
            # Rows of files have no time of ingestion, those of a database directory do.
            check(f"form {number} answers otherwise",
                  plain == first or "ingestion_time" in text, text, first, plain)
    for path in [folder, folder + ".indexed", folder + ".db"] if folder else []:
        shutil.rmtree(path, ignore_errors=True)
    print(f"{counts['passed']} passed, {counts['failed']} failed")
    sys.exit(counts["failed"] != 0)


if __name__ == "__main__":
    main()
