// tests/regex/differential.mjs: random patterns and subjects, our engine against Rust's regex crate
// (npm package rregex). Optional: needs node and `npm install rregex` somewhere node finds it.
//
//   node differential.mjs ORACLE_PROGRAM [pairs] [seed]          compare
//   node differential.mjs ORACLE_PROGRAM table COUNT SEED        write oracle_cases.h (see there)
//
// ORACLE_PROGRAM is regex_oracle.c linked with the engine:
//   cc -std=gnu17 -O2 -I. tests/regex/regex_oracle.c BUILD/runtime/libtrawl_core.a
//     BUILD/kernels/libtrawl_kernels.a -lhwloc -lzstd -lz -lpthread -lm -o oracle
// Exit status 1 when an answer differs.
import { createRequire } from 'node:module';
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const require = createRequire(path.join(process.cwd(), 'x.js'));
const { RRegex } = require('rregex');

const program = process.argv[2];
const table = process.argv[3] === 'table';
const total = Number((table ? process.argv[4] : process.argv[3]) ?? 20000);
let state = BigInt((table ? process.argv[5] : process.argv[4]) ?? 1);

function random(n) {
  state = (state * 6364136223846793005n + 1442695040888963407n) & ((1n << 64n) - 1n);
  return Number((state >> 33n) % BigInt(n));
}
const pick = (list) => list[random(list.length)];

const letters = ['a', 'b', 'c', 'x', 'k', 's', 'A', 'B', '0', '1', '_', '-', ' ', 'é', 'É', 'ſ', 'K',
  'σ', 'ς', 'Σ', '٣', '日', '😀', '\\.', '\\n', '\\x61', '\\u00e9', '\\u{1F600}', 'ab', 'foo', 'bar'];
const classes = ['.', '\\d', '\\w', '\\s', '\\D', '\\W', '\\S', '[abc]', '[^a]', '[a-z]', '[^a-z0-9]',
  '[[:alpha:]]', '[[:^digit:]]', '\\pL', '\\p{Greek}', '\\P{Lu}', '\\p{Alphabetic}', '[a-z&&[^b]]',
  '[\\w--a]', '[a-c~~b-d]', '[a-y&&xyz]', '[]a]', '[^]a]', '[-a]', '[a-]', '[\\d_]', '[^\\W]', '[é-ú]',
  '[\\s\\S]', '\\p{Lu}', '[[a-c][x-z]]', '[^[ab]&&[bc]]', '[a&&b]', '(?-u:\\w)', '(?-u:\\d)', '(?s:.)'];
const looks = ['^', '$', '\\A', '\\z', '\\b', '\\B', '\\b{start}', '\\b{end}', '\\b{start-half}',
  '\\b{end-half}', '\\<', '\\>', '(?m:^)', '(?m:$)', '(?mR:^)', '(?mR:$)', '(?-u:\\b)', '(?-u:\\B)'];
const repeats = ['*', '+', '?', '*?', '+?', '??', '{2}', '{1,2}', '{0,2}', '{2,}', '{1,3}?', '{0}', '{2,}?'];

let names = 0;
function atom(depth) {
  const r = random(20);
  if (r < 8) return pick(letters);
  if (r < 12) return pick(classes);
  if (r < 14) return pick(looks);
  if (depth <= 0) return pick(letters);
  if (r < 17) return `(${alternation(depth - 1)})`;
  if (r < 18) return `(?:${alternation(depth - 1)})`;
  if (r < 19) return `(?${pick(['i', 'm', 's', 'U', 'x', 'R', 'i-s', '-u', 'u', 'is', 'mi'])}:${alternation(depth - 1)})`;
  return `(?${pick(['P', ''])}<n${names++}>${alternation(depth - 1)})`;
}
function piece(depth) {
  const a = atom(depth);
  return random(3) === 0 ? a + pick(repeats) : a;
}
function concat(depth) {
  let out = '';
  for (let n = random(5); n-- > 0;) out += piece(depth);
  return out;
}
function alternation(depth) {
  let out = concat(depth);
  while (random(4) === 0) out += '|' + concat(depth);
  return out;
}
const junk = ['{', '}', '(', ')', '[', ']', '\\', '*', '?', '|', '&&', '--', '^', 'a', '1', ',', '(?', '<', '>', ':', 'P', '-', 'i', 'x', '#', ' ', '\\p', '\\x', '\\b{'];
function pattern() {
  names = 0;
  let out = alternation(3);
  if (random(8) === 0) out = `(?${pick(['i', 'm', 's', 'U', 'x', 'im', 'iU'])})` + out;
  if (random(10) === 0)
    for (let n = 1 + random(3); n-- > 0;) {
      const at = random(out.length + 1);
      out = out.slice(0, at) + pick(junk) + out.slice(at);
    }
  return out;
}
const text = ['a', 'b', 'c', 'x', 'y', 'k', 's', 'A', 'B', 'K', 'S', 'ab', 'foo', 'bar', '0', '1', '2', '_', '-', ' ', '.',
  '\n', '\r\n', '\r', 'é', 'É', 'ſ', 'K', 'σ', 'ς', 'Σ', '٣', '日', '😀', '\u00a0', '\u0301', 'ab', 'abc', 'a', 'b'];
const ascii = text.filter((t) => /^[\x00-\x7f]*$/.test(t));
function subject() {
  let out = '';
  const from = random(2) ? ascii : text;
  for (let n = random(3) ? random(8) : random(40); n-- > 0;) out += pick(from);
  return out;
}

const hex = (s) => Buffer.from(s, 'utf8').toString('hex');
// Where we differ on purpose: octal escapes of three digits are Kusto's.
const octal = /\\(0|[0-7]{3})/;

// rregex leaves out groups that took no part.
function expected(re, s) {
  if (!re) return 'error';
  const found = re.captures(s);
  if (!found) return 'no';
  const out = ['yes'];
  for (const group of found.get) out.push(`${group.start} ${group.end}`);
  return out.join(' ');
}

// A C string literal.
function quoted(s) {
  let out = '';
  for (const byte of Buffer.from(s, 'utf8')) {
    const c = String.fromCharCode(byte);
    out += byte < 32 || byte > 126 || '\\"?'.includes(c) ? '\\' + byte.toString(8).padStart(3, '0') : c;
  }
  return `"${out}"`;
}
// For the table: short patterns, three matches to one of the rest.
const shown = [];
function show(p, s, answer) {
  const other = answer.startsWith('yes') ? 0 : 1;
  if (Buffer.byteLength(p) > 50 || shown.length >= total || (other && random(6))) return;
  if (shown.some(([q], i) => q === p && i + 2 < shown.length)) return;
  shown.push([p, s, answer]);
}

let wrong = 0;
let done = 0;
let matched = 0;
let errors = 0;
while (table ? shown.length < total : done < total) {
  const cases = [];
  while (cases.length < (table ? 2000 : 20000) && (table || done + cases.length < total)) {
    const p = pattern();
    if (octal.test(p)) continue;
    let re = null;
    try { re = new RRegex(p); } catch { re = null; }
    for (let n = re ? 6 : 1; n-- > 0;) {
      const s = subject();
      let want;
      want = expected(re, s);
      cases.push([p, s, want]);
    }
    if (re) re.free();
  }
  const run = spawnSync(program, { input: cases.map(([p, s]) => `${hex(p)}\t${hex(s)}`).join('\n') + '\n',
    encoding: 'utf8', maxBuffer: 1 << 28 });
  const got = run.stdout.split('\n');
  if (run.status !== 0) {
    console.log('program failed:', run.stderr.slice(0, 2000));
    const at = got.length - 1;
    console.log(JSON.stringify(cases[at]));
    process.exit(1);
  }
  cases.forEach(([p, s, want], i) => {
    if (want === 'error') errors++;
    else if (want !== 'no') matched++;
    if (got[i].replaceAll(' -1 -1', '') === want) {
      if (table) show(p, s, got[i]);
      return;
    }
    if (++wrong <= 20)
      console.log(`pattern ${JSON.stringify(p)} subject ${JSON.stringify(s)}\n  want ${want}\n  got  ${got[i]}`);
  });
  done += cases.length;
}
if (table) {
  console.log('/* tests/unit/runtime/regex/oracle_cases.h: answers of Rust\'s regex crate to random questions, so');
  console.log(' * that no node is needed to check ours. Made by tests/regex/differential.mjs; do not edit. */');
  console.log('/* clang-format off */');
  for (const [p, s, answer] of shown) console.log(`{${quoted(p)}, ${quoted(s)}, "${answer}"},`);
} else console.log(`${done} pairs, ${matched} match, ${errors} refused, ${wrong} differ`);
process.exit(wrong ? 1 : 0);
