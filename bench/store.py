#!/usr/bin/env python3
"""bench/store.py: a database directory of trawl and a database file of DuckDB, with the same data:
how fast it gets in, how large it is, how fast questions are answered, what opening it costs.

Everything goes in rounds, one peer after the other; bench/README.md has the method.
"""
import argparse
import csv
import io
import json
import os
import shlex
import shutil
import statistics
import subprocess
import sys
import time

import run

MODULES = os.path.join(run.ROOT, "build", "bench-peers")


def duckdb(options):
    return run.Served(["node", os.path.join(run.HERE, "duckdb.mjs"), MODULES, str(options.threads)])


def must(answer):
    if "error" in answer:
        sys.exit(answer["error"])
    return answer


# ---- getting in ----

def ingest_trawl(options, name, path):
    command = [options.tool, "ingest", "-j", str(options.threads), "--db", options.trawl_db, name, path]
    start = time.monotonic_ns()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = process.stderr.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = status
    if status:
        sys.exit(f"{' '.join(command)}: {errors}")
    return {"ns": time.monotonic_ns() - start, "cpu_ns": int((usage.ru_utime + usage.ru_stime) * 1e9),
            "rss": usage.ru_maxrss * 1024}


def ingest_duckdb(options, name, path):
    peer = duckdb(options)
    must(peer.ask(f"ATTACH '{options.duck_db}' AS store"))
    must(peer.ask("USE store"))
    made = must(peer.ask(f"CREATE OR REPLACE TABLE {name} AS " + run.VIEWS[name].format(path)))
    kept = must(peer.ask("CHECKPOINT"))
    rss = memory_of(peer.process.pid, "VmHWM")
    peer.close()
    return {"ns": made["ns"] + kept["ns"], "cpu_ns": made["cpu_ns"] + kept["cpu_ns"], "rss": rss}


def clear(path):
    for file in (path, path + ".wal"):
        if os.path.isdir(file):
            shutil.rmtree(file)
        elif os.path.exists(file):
            os.remove(file)


def measure_ingest(options, name):
    """Each round makes the table anew; the last one stays."""
    path = os.path.join(options.data, run.FILES[name])
    runs = {"trawl": [], "duckdb": []}
    for i in range(options.ingest_rounds + 1):
        options.trawl_db = os.path.join(options.data, f"{name}.db")
        options.duck_db = os.path.join(options.data, f"{name}.duckdb")
        for peer, ingest in (("trawl", ingest_trawl), ("duckdb", ingest_duckdb)):
            clear(options.trawl_db if peer == "trawl" else options.duck_db)
            os.sync()  # what earlier runs wrote is not to be waited for by the next
            answer = ingest(options, name, path)
            if i:
                runs[peer].append(answer)
    bytes_in = os.path.getsize(path)
    result = {"what": "ingest", "data": name, "bytes": bytes_in}
    for peer, list_ in runs.items():
        result[peer] = {"ns": [r["ns"] for r in list_], "cpu_ns": [r["cpu_ns"] for r in list_],
                        "rss": max(r["rss"] for r in list_)}
    return result


# ---- sizes ----

def csv_rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def measure_sizes(options, name):
    db = os.path.join(options.data, f"{name}.db")
    shown = subprocess.run([options.tool, "--db", db, "-o", "csv", f".show table {name} extents"],
                           check=True, capture_output=True, text=True).stdout
    extents = csv_rows(shown)
    parquet = os.path.join(options.data, f"{name}.parquet")
    clear(parquet)
    peer = duckdb(options)
    must(peer.ask(f"ATTACH '{os.path.join(options.data, name)}.duckdb' AS store (READ_ONLY)"))
    must(peer.ask("USE store"))
    must(peer.ask(f"COPY {name} TO '{parquet}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 3)"))
    peer.close()
    return {"what": "size", "data": name,
            "input": os.path.getsize(os.path.join(options.data, run.FILES[name])),
            "trawl": sum(int(e["CompressedSize"]) for e in extents),
            "index": sum(int(e["IndexSize"]) for e in extents),
            "duckdb": os.path.getsize(os.path.join(options.data, f"{name}.duckdb")),
            "parquet": os.path.getsize(parquet), "rows": sum(int(e["RowCount"]) for e in extents)}


# ---- questions ----

def find_peers(options, name):
    ask = run.Served([options.ask, str(options.threads)])
    duck = duckdb(options)
    must(duck.ask(f"ATTACH '{os.path.join(options.data, name)}.duckdb' AS store (READ_ONLY)"))
    must(duck.ask("USE store"))
    db = os.path.join(options.data, f"{name}.db")
    peers = {"trawl": lambda q: ask.ask(db + "\t" + q["kql"]),
             "duckdb": lambda q: duck.ask(q["duckdb"]) if "duckdb" in q else None}
    if shutil.which("rg"):
        file = os.path.join(options.data, run.FILES[name])
        peers["rg"] = lambda q: (run.run_process(
            ["rg", "--no-config", "-j", str(options.threads)] + shlex.split(q["rg"]) + [file])
            if "rg" in q else None)
    return peers, [ask, duck]


# ---- opening ----

def memory_of(pid, what="VmRSS"):
    for line in open(f"/proc/{pid}/status", encoding="utf-8"):
        if line.startswith(what + ":"):
            return int(line.split()[1]) * 1024
    return 0


def measure_open(options, name):
    """Time to open, and memory of a process that has opened and been asked nothing yet."""
    db = os.path.join(options.data, f"{name}.db")
    file = os.path.join(options.data, f"{name}.duckdb")
    ask, duck = run.Served([options.ask, str(options.threads)]), duckdb(options)
    bare = {"trawl": memory_of(ask.process.pid), "duckdb": 0}
    must(duck.ask("SELECT 1"))
    bare["duckdb"] = memory_of(duck.process.pid)
    times = {"trawl": [], "duckdb": []}
    for i in range(options.rounds + 1):
        opened = must(ask.ask(db + "\treopen"))
        attached = must(duck.ask(f"ATTACH '{file}' AS store (READ_ONLY)"))
        if i:
            times["trawl"].append(opened["ns"])
            times["duckdb"].append(attached["ns"])
        if i < options.rounds:
            must(duck.ask("DETACH store"))
    memory = {"trawl": memory_of(ask.process.pid), "duckdb": memory_of(duck.process.pid)}
    ask.close()
    duck.close()
    return {"what": "open", "data": name, "ns": times, "bare": bare, "memory": memory}


# ---- the report ----

def mb(n):
    return f"{n / 1e6:.1f}"


def middle(values):
    return statistics.median(values)


def spread(values, form="{:.0f}"):
    values = sorted(values)
    return f"{form.format(middle(values))} ({form.format(values[0])}..{form.format(values[-1])})"


def report_ingest(results):
    lines = ["## Getting in", "",
             "MB of the file a second of wall clock: median, lowest..highest; seconds of CPU; ratio of "
             "trawl's CPU time to DuckDB's in the same round (below 1 trawl needs less); most memory "
             "of the process. trawl writes its index, too; both wait for the disk.", "",
             "| data | trawl MB/s | DuckDB MB/s | trawl CPU s | DuckDB CPU s | ratio wall | ratio CPU | "
             "trawl MB | DuckDB MB |", "|---|---:|---:|---:|---:|---:|---:|---:|---:|"]
    for r in results:
        ours, other = r["trawl"], r["duckdb"]
        speed = [[r["bytes"] / ns * 1e3 for ns in peer["ns"]] for peer in (ours, other)]
        wall = [a / b for a, b in zip(ours["ns"], other["ns"])]
        cpu = [a / b for a, b in zip(ours["cpu_ns"], other["cpu_ns"])]
        lines.append(f"| {r['data']} | {spread(speed[0])} | {spread(speed[1])} | "
                     f"{middle(ours['cpu_ns']) / 1e9:.2f} | {middle(other['cpu_ns']) / 1e9:.2f} | "
                     f"{spread(wall, '{:.2f}')} | {spread(cpu, '{:.2f}')} | "
                     f"{ours['rss'] / 1e6:.0f} | {other['rss'] / 1e6:.0f} |")
    return lines + [""]


def report_sizes(results):
    lines = ["## Sizes", "", "MB. Parquet is written by DuckDB, zstd level 3.", "",
             "| data | rows | file | trawl data | trawl index | DuckDB | Parquet |",
             "|---|---:|---:|---:|---:|---:|---:|"]
    for r in results:
        lines.append(f"| {r['data']} | {r['rows']} | {mb(r['input'])} | {mb(r['trawl'])} | "
                     f"{mb(r['index'])} | {mb(r['duckdb'])} | {mb(r['parquet'])} |")
    return lines + [""]


def report_questions(results):
    lines = ["## Questions", "",
             "Milliseconds of wall clock, medians. In brackets trawl's time by the peer's of the same "
             "round: median, lowest..highest; then the same of CPU time. Below 1 trawl is faster. Both "
             "databases stay open; `rg` is a whole process over the raw log.", "",
             "| query | class | trawl | duckdb | rg | answer |", "|---|---|---:|---:|---:|---|"]
    slower = []
    for query, runs in results:
        cells = [run.cell_of(runs, peer) for peer in ("trawl", "duckdb", "rg")]
        good = [r for peer, r in runs.items() if "error" not in r]
        same = len({(r["rows"], r["cell"]) for r in good}) == 1
        answer = "same" if same else "same rows" if len({r["rows"] for r in good}) == 1 else "differs"
        lines.append(f"| {query['name']} | {query['class']} | {' | '.join(cells)} | {answer} |")
        for peer in ("duckdb", "rg"):
            if all("error" not in runs.get(p, {"error": 1}) for p in ("trawl", peer)):
                ratio = run.ratio(runs, "trawl", peer)[0]
                if ratio > 1:
                    slower.append(f"{query['name']} ({peer}, {ratio:.2f})")
    return lines + ["", "Slower than a peer: " + (", ".join(slower) or "none") + ".", ""]


def report_open(results):
    lines = ["## Opening", "",
             "Milliseconds to open; memory of the process in MB before and after, nothing asked yet.", "",
             "| data | trawl ms | DuckDB ms | trawl MB | DuckDB MB |", "|---|---:|---:|---:|---:|"]
    for r in results:
        cells = [spread([ns / 1e6 for ns in r["ns"][p]], "{:.2f}") for p in ("trawl", "duckdb")]
        sizes = [f"{mb(r['bare'][p])} → {mb(r['memory'][p])}" for p in ("trawl", "duckdb")]
        lines.append(f"| {r['data']} | {' | '.join(cells)} | {' | '.join(sizes)} |")
    return lines + [""]


def parse_options():
    parser = argparse.ArgumentParser(description="Measure trawl's store and DuckDB's, interleaved.")
    build = os.path.join(run.ROOT, "build", "release", "bench")
    parser.add_argument("names", nargs="*", help="parts of names of queries; none: all")
    parser.add_argument("--rounds", type=int, default=5, help="runs of questions that count (5)")
    parser.add_argument("--ingest-rounds", type=int, default=3, help="ingests that count (3)")
    parser.add_argument("--threads", type=int, default=2, help="threads of each peer (2)")
    parser.add_argument("--scale", type=float, default=0.1, help="size of data; 1: 3 GB (0.1)")
    parser.add_argument("--data", help="directory of data (build/bench-data-SCALE)")
    parser.add_argument("--ask", default=os.path.join(build, "ask"), help="the program ask")
    parser.add_argument("--out", help="write OUT.md and OUT.jsonl")
    options = parser.parse_args()
    build = os.path.dirname(os.path.dirname(os.path.abspath(options.ask)))
    options.generate = os.path.join(build, "datasets", "generate")
    options.tool = os.path.join(build, "cli", "trawl")
    options.data = options.data or os.path.join(run.ROOT, "build", f"bench-data-{options.scale:g}")
    return options


def measure_questions(options, name):
    folder = os.path.join(run.HERE, "queries")
    queries = [run.parse_query(os.path.join(folder, f)) for f in sorted(os.listdir(folder))
               if f.endswith(".bench")]
    queries = [q for q in queries if q["data"] == name and
               (not options.names or any(n in q["name"] for n in options.names))]
    peers, served = find_peers(options, name)
    results = []
    for query in queries:
        runs = run.measure(query, peers, options.rounds)
        results.append((query, runs))
        line = "  ".join(f"{peer} {run.cell_of(runs, peer)}" for peer in peers if peer in runs)
        print(f"{query['name']:<24} {line}", file=sys.stderr, flush=True)
        for peer, each in runs.items():
            if "error" in each:
                print(f"    {peer}: {each['error']}", file=sys.stderr)
    for peer in served:
        peer.close()
    return results


def main():
    options = parse_options()
    if not os.path.isdir(MODULES + "/node_modules/@duckdb/node-api"):
        sys.exit("DuckDB is not installed: bench/run.py --install-peers")
    run.make_data(options)
    ingests, sizes, opens, questions = [], [], [], []
    for name in run.FILES:
        ingests.append(measure_ingest(options, name))
        print("\n".join(report_ingest(ingests[-1:])[-2:]), file=sys.stderr, flush=True)
        sizes.append(measure_sizes(options, name))
        opens.append(measure_open(options, name))
        questions += measure_questions(options, name)
    text = "\n".join([f"# The store on {run.machine()}", "",
                      f"{options.threads} threads, {options.rounds} rounds of questions and "
                      f"{options.ingest_rounds} of ingests that count, interleaved.", ""] +
                     report_ingest(ingests) + report_sizes(sizes) + report_questions(questions) +
                     report_open(opens))
    print(text)
    if options.out:
        with open(options.out + ".md", "w", encoding="utf-8") as file:
            file.write(text)
        with open(options.out + ".jsonl", "w", encoding="utf-8") as file:
            for result in ingests + sizes + opens:
                file.write(json.dumps(result) + "\n")
            for query, runs in questions:
                for peer, each in runs.items():
                    file.write(json.dumps({"what": "question", "query": query["name"],
                                           "class": query["class"], "peer": peer, **each}) + "\n")


if __name__ == "__main__":
    main()
