#!/usr/bin/env python3
"""readme: runs the examples of README.md and compares what they print.

    readme.py TRAWL C_EXAMPLE      the built tool, and the C example as a program
    readme.py --extract C FILE     write the first block of that language to FILE

A block ```console has lines `$ command` and under each what it prints, on both streams. It runs in the
root of the repository with `trawl` on the path. Ends with a line "N passed, N failed".
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]


def blocks(language):
    text = (ROOT / "README.md").read_text()
    return re.findall(r"^```" + language + r"\n(.*?)^```$", text, flags=re.S | re.M)


def examples():
    for block in blocks("console"):
        for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
            command, _, wanted = part.partition("\n")
            yield command, wanted.strip()


def run(command, path):
    env = dict(os.environ, PATH=f"{path}:{os.environ['PATH']}", NO_COLOR="1")
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, env=env, text=True, timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.stdout.strip()


def main():
    if sys.argv[1] == "--extract":
        pathlib.Path(sys.argv[3]).write_text(blocks(sys.argv[2])[0])
        return 0
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        os.symlink(os.path.abspath(sys.argv[1]), os.path.join(folder, "trawl"))
        os.symlink(os.path.abspath(sys.argv[2]), os.path.join(folder, "c_example"))
        cases = list(examples()) + [("c_example", blocks("output")[0].strip())]
        for command, wanted in cases:
            got = run(command, folder)
            passed += got == wanted
            failed += got != wanted
            if got != wanted:
                print(f"$ {command}\nwanted:\n{wanted}\ngot:\n{got}\n")
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
