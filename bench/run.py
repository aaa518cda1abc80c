#!/usr/bin/env python3
"""bench/run.py: asks trawl and its peers the questions of bench/queries, interleaved, and reports.

Every question is asked in rounds: trawl, DuckDB, ripgrep, grep, trawl, DuckDB, ... so that a busy
machine is busy for all of them; the first round warms up and does not count. A peer that is not
installed is left out and named. bench/README.md has the method.
"""
import argparse
import json
import os
import platform
import resource
import shlex
import shutil
import statistics
import subprocess
import sys
import time

# The program may be a copy in a build directory, build/<name>/bench/bench.
ROOT = os.path.dirname(os.path.abspath(__file__))
while not os.path.exists(os.path.join(ROOT, "bench", "queries")):
    ROOT = os.path.dirname(ROOT)
HERE = os.path.join(ROOT, "bench")
FILES = {"logs": "logs.log", "web": "web.csv", "events": "events.jsonl"}
ROWS = {"logs": 10_000_000, "web": 5_000_000, "events": 4_000_000}  # at scale 1: about 1 GB each
VIEWS = {
    "logs": "SELECT * FROM read_csv('{}', header=false, columns={{'line': 'VARCHAR'}}, delim='\x01',"
            " quote='', escape='', strict_mode=false)",
    "web": "SELECT * FROM read_csv('{}')",
    "events": "SELECT * FROM read_json('{}', format='newline_delimited')",
}


def parse_query(path):
    """A .bench file: `key  value` lines, then sections of text under their peer's name."""
    query, section = {"name": os.path.splitext(os.path.basename(path))[0]}, None
    for line in open(path, encoding="utf-8"):
        line = line.rstrip("\n")
        if line in ("kql", "duckdb", "rg"):
            section = line
        elif section:
            query[section] = (query.get(section, "") + " " + line).strip()
        elif line and not line.startswith("#"):
            key, value = line.split(None, 1)
            query[key] = value.strip()
    return query


class Served:
    """A peer that answers lines on its standard input."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)

    def ask(self, line):
        self.process.stdin.write(line.replace("\n", " ") + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().rstrip("\n").split("\t")
        if answer[0] in ("error", ""):
            return {"error": answer[-1] or "the process ended"}
        return {"ns": int(answer[0]), "cpu_ns": int(answer[1]), "rows": int(answer[2]),
                "cell": answer[3] if len(answer) > 3 else ""}

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def cpu_of_children():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def run_process(command):
    """A whole process, as one types it."""
    cpu, start = cpu_of_children(), time.monotonic_ns()
    done = subprocess.run(command, capture_output=True, text=True,
                          env={**os.environ, "LC_ALL": "C"}, check=False)
    spent = time.monotonic_ns() - start
    if done.returncode > 1:
        return {"error": done.stderr.strip().replace("\n", " ")}
    return {"ns": spent, "cpu_ns": int((cpu_of_children() - cpu) * 1e9), "rows": 1,
            "cell": done.stdout.strip().split("\n")[-1]}


def find_peers(options):
    """Name -> question of a query to that peer, or None if it has no such question."""
    peers, missing, served = {}, [], []
    path = {name: os.path.join(options.data, file) for name, file in FILES.items()}

    ask = Served([options.ask, str(options.threads)])
    served.append(ask)
    peers["trawl"] = lambda q: ask.ask(path[q["data"]] + "\t" + q["kql"])
    if os.path.exists(options.tool):
        def ask_tool_itself(query):
            if "rg" not in query:
                return None
            return run_process([options.tool, "--threads", str(options.threads), "-o", "tsv",
                                query["kql"], path[query["data"]]])
        peers["trawl-cli"] = ask_tool_itself

    modules = os.path.join(ROOT, "build", "bench-peers")
    if "duckdb" not in options.peers:
        pass
    elif shutil.which("node") and os.path.isdir(modules + "/node_modules/@duckdb/node-api"):
        duck = Served(["node", os.path.join(HERE, "duckdb.mjs"), modules, str(options.threads)])
        served.append(duck)

        def ask_duckdb(query):
            if "duckdb" not in query:
                return None
            table = query["data"]
            view = "(" + VIEWS[table].format(path[table]) + ")"
            return duck.ask(query["duckdb"].replace(f"FROM {table}", f"FROM {view} AS {table}", 1))
        peers["duckdb"] = ask_duckdb
    else:
        missing.append("duckdb (bench/run.py --install-peers)")

    for tool, fixed in (("rg", ["rg", "--no-config", "-j", str(options.threads)]), ("grep", ["grep"])):
        if tool not in options.peers:
            continue
        if not shutil.which(tool):
            missing.append(tool)
            continue

        def ask_tool(query, tool=tool, fixed=fixed):
            if "rg" not in query:
                return None
            words = shlex.split(query["rg"])
            if tool == "grep":
                words = [w for w in words if w != "--no-unicode"]
                if "-F" not in words:
                    words.insert(0, "-P" if "\\" in words[-1] else "-E")
            return run_process(fixed + words + [path[query["data"]]])
        peers[tool] = ask_tool
    return peers, missing, served


def measure(query, peers, rounds):
    runs = {}
    for i in range(rounds + 1):
        for name, ask in peers.items():
            if "error" in runs.get(name, {}):
                continue
            answer = ask(query)
            if answer is None:
                continue
            kept = runs.setdefault(name, {"ns": [], "cpu_ns": []})
            if "error" in answer:
                kept["error"] = answer["error"]
                continue
            kept["rows"], kept["cell"] = answer["rows"], answer["cell"]
            if i:
                kept["ns"].append(answer["ns"])
                kept["cpu_ns"].append(answer["cpu_ns"])
    for run in runs.values():
        if "error" not in run:
            run["median_ns"] = statistics.median_low(run["ns"])
            run["median_cpu_ns"] = statistics.median_low(run["cpu_ns"])
    return runs


def ratio(runs, ours, peer):
    """Median and range of our time by the peer's of the same round; the same of CPU time."""
    wall = sorted(a / b for a, b in zip(runs[ours]["ns"], runs[peer]["ns"]))
    cpu = [a / b for a, b in zip(runs[ours]["cpu_ns"], runs[peer]["cpu_ns"]) if b]
    return (statistics.median(wall), wall[0], wall[-1], statistics.median(cpu) if cpu else 0)


def cell_of(runs, peer):
    run = runs.get(peer)
    if not run:
        return ""
    if "error" in run:
        return "fails"
    text = f"{run['median_ns'] / 1e6:.0f}"
    # Whole processes are compared with whole processes.
    ours = "trawl-cli" if peer in ("rg", "grep") and "trawl-cli" in runs else "trawl"
    if not peer.startswith("trawl") and "error" not in runs[ours]:
        middle, low, high, cpu = ratio(runs, ours, peer)
        text += f" ({middle:.2f}, {low:.2f}..{high:.2f}; {cpu:.2f})"
    return text


def machine():
    model = "unknown processor"
    for line in open("/proc/cpuinfo", encoding="utf-8"):
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{model}, {os.cpu_count()} cores, {memory:.0f} GiB, Linux {platform.release()}"


def report(results, peers, missing, options):
    sizes = ", ".join(f"{f} {os.path.getsize(os.path.join(options.data, f)) / 1e6:.0f} MB"
                      for f in FILES.values() if os.path.exists(os.path.join(options.data, f)))
    about = ("Milliseconds of wall clock. In brackets trawl's time by the peer's of the same round: "
             "median, lowest..highest; then the same of CPU time, the median. Below 1 trawl is faster. "
             "`trawl` and `duckdb` answer in one process each, which opens the files anew for every "
             "question; `trawl-cli`, `rg` and `grep` are whole processes.")
    lines = [f"# {machine()}", "",
             f"{options.threads} threads, medians of {options.rounds} interleaved runs, files in the "
             f"page cache: {sizes}.", "",
             about, ""]
    if missing:
        lines += ["Not installed: " + ", ".join(missing) + ".", ""]
    names = list(peers)
    lines += ["| query | class | " + " | ".join(names) + " | answer |",
              "|---|---|" + "---:|" * len(names) + "---|"]
    for query, runs in results:
        cells = [cell_of(runs, name) for name in names]
        good = [r for r in runs.values() if "error" not in r]
        same = len({(r["rows"], r["cell"]) for r in good}) == 1
        answer = "same" if same else "same rows" if len({r["rows"] for r in good}) == 1 else "differs"
        lines.append(f"| {query['name']} | {query['class']} | " + " | ".join(cells) + f" | {answer} |")
    return "\n".join(lines) + "\n"


def start_up(options, times=50):
    """Wall clock and memory of the smallest question, as a whole process."""
    if not os.path.exists(options.tool):
        return None
    walls, sizes = [], []
    for _ in range(times):
        start = time.monotonic_ns()
        process = subprocess.Popen([options.tool, "print 1"], stdout=subprocess.DEVNULL)
        _, _, usage = os.wait4(process.pid, 0)
        walls.append(time.monotonic_ns() - start)
        process.returncode = 0
        sizes.append(usage.ru_maxrss)
    return {"ms": statistics.median(walls) / 1e6, "kib": statistics.median(sizes)}


def install_peers():
    folder = os.path.join(ROOT, "build", "bench-peers")
    os.makedirs(folder, exist_ok=True)
    if not os.path.exists(folder + "/package.json"):
        with open(folder + "/package.json", "w", encoding="utf-8") as file:
            json.dump({"name": "bench-peers", "private": True}, file)
    subprocess.run(["npm", "install", "--silent", "@duckdb/node-api@1.5.6-r.1",
                    "@duckdb/node-bindings-linux-x64@1.5.6-r.1"], cwd=folder, check=True)


def make_data(options):
    os.makedirs(options.data, exist_ok=True)
    for name, rows in ROWS.items():
        path = os.path.join(options.data, FILES[name])
        if os.path.exists(path):
            continue
        part = options.data + ".part"
        subprocess.run([options.generate, name, str(int(rows * options.scale)), part], check=True,
                       stdout=sys.stderr)
        os.rename(os.path.join(part, FILES[name]), path)
        os.rmdir(part)


def parse_options():
    parser = argparse.ArgumentParser(description="Measure trawl and its peers, interleaved.")
    build = os.path.join(ROOT, "build", "release", "bench")
    parser.add_argument("names", nargs="*", help="parts of names of queries; none: all")
    parser.add_argument("--rounds", type=int, default=5, help="runs that count (5)")
    parser.add_argument("--threads", type=int, default=2, help="threads of each peer (2)")
    parser.add_argument("--scale", type=float, default=0.1, help="size of data; 1: 3 GB (0.1)")
    parser.add_argument("--data", help="directory of data (build/bench-data-SCALE)")
    parser.add_argument("--peers", default="duckdb,rg,grep", help="duckdb,rg,grep")
    parser.add_argument("--ask", default=os.path.join(build, "ask"), help="the program ask")
    parser.add_argument("--out", help="write OUT.md and OUT.jsonl")
    parser.add_argument("--install-peers", action="store_true", help="DuckDB into build/bench-peers")
    options = parser.parse_args()
    options.peers = options.peers.split(",")
    build = os.path.dirname(os.path.dirname(os.path.abspath(options.ask)))
    options.generate = os.path.join(build, "datasets", "generate")
    options.tool = os.path.join(build, "cli", "trawl")
    options.data = options.data or os.path.join(ROOT, "build", f"bench-data-{options.scale:g}")
    return options


def main():
    options = parse_options()
    if options.install_peers:
        install_peers()
    make_data(options)
    folder = os.path.join(HERE, "queries")
    queries = [parse_query(os.path.join(folder, f)) for f in sorted(os.listdir(folder))
               if f.endswith(".bench")]
    queries = [q for q in queries if not options.names or any(n in q["name"] for n in options.names)]
    peers, missing, served = find_peers(options)
    results = []
    for query in queries:
        runs = measure(query, peers, options.rounds)
        results.append((query, runs))
        line = "  ".join(f"{name} {cell_of(runs, name)}" for name in peers if name in runs)
        print(f"{query['name']:<24} {line}", file=sys.stderr, flush=True)
        for name, run in runs.items():
            if "error" in run:
                print(f"    {name}: {run['error']}", file=sys.stderr)
    for peer in served:
        peer.close()
    text = report(results, peers, missing, options)
    start = start_up(options)
    if start:
        text += (f"\n`trawl 'print 1'`, a whole process: {start['ms']:.1f} ms, "
                 f"{start['kib'] / 1024:.1f} MiB (medians of 50).\n")
    print(text)
    if options.out:
        with open(options.out + ".md", "w", encoding="utf-8") as file:
            file.write(text)
        with open(options.out + ".jsonl", "w", encoding="utf-8") as file:
            for query, runs in results:
                for name, run in runs.items():
                    file.write(json.dumps({"query": query["name"], "class": query["class"],
                                           "peer": name, **run}) + "\n")


if __name__ == "__main__":
    main()
