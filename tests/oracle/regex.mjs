// tests/oracle/regex.mjs: random patterns and texts, our engine against Rust's regex crate (npm package
// rregex, which node must find: NODE_PATH).
//
//   node regex.mjs ANSWER ASK [PAIRS [SEED]]     compare; ends with "N passed, N failed"
//   node regex.mjs ANSWER table COUNT SEED       write oracle_cases.h of the unit tests
//
// ANSWER is the program of regex_answer.c: whether a pattern is accepted, all matches, all groups, and
// what a rewrite makes of them. ASK is the program of ask.c: the same through the functions of KQL.
import { createRequire } from 'node:module';
import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Patterns } from './regex_patterns.mjs';

const self = fileURLToPath(import.meta.url);
const [answerProgram, askProgram, count, seed] = process.argv.slice(2);
// A judge of its own for each so many: it keeps memory, and after a while it would refuse everything.
const PAIRS_PER_JUDGE = 3000;
const SUBJECTS = 6;
// Where we differ on purpose: octal escapes of three digits are Kusto's.
const octal = /\\(0|[0-7]{3})/;
const hex = (text) => Buffer.from(text, 'utf8').toString('hex');
// Groups that do not exist give nothing.
const rewrite = (group) => '<' + Array.from({ length: 10 }, (_, i) => group(i)).join('|') + '>';

// ---- the judge, a process ----

function judge(pairs, seed) {
  const { RRegex } = createRequire(import.meta.url)('rregex');
  const patterns = new Patterns(seed);
  const compile = (pattern) => {
    try {
      return new RRegex(pattern);
    } catch (error) {
      if (error instanceof WebAssembly.RuntimeError) throw error;
      return null;
    }
  };
  const out = [];
  while (out.length < pairs) {
    const pattern = patterns.pattern();
    if (octal.test(pattern)) continue;
    const re = compile(pattern);
    const line = re && compile(`^(?:${pattern})(.*?)$`);
    for (let n = re ? SUBJECTS : 1; n-- > 0;) {
      const subject = patterns.subject();
      const one = { pattern, subject, refused: !re };
      if (re) {
        one.matches = re.capturesAll(subject).map((found) => found.get.map((group) => [group.start, group.end]));
        one.replaced = re.replaceAll(subject, rewrite((i) => `\${${i}}`));
        if (re.isMatch(subject) !== one.matches.length > 0) throw new Error(`the judge disagrees with itself: ${pattern}`);
        // parse kind=regex: the text behind the pattern, at the start
        const parsed = line?.captures(subject)?.get;
        one.parsed = !line ? null : parsed ? parsed[parsed.length - 1] : 'no';
      }
      out.push(JSON.stringify(one));
    }
    re?.free();
    line?.free();
  }
  process.stdout.write(out.join('\n') + '\n');
}

// ---- the engine by itself ----

// Groups that took no part are left out by the judge; which they are shows in `replaced`.
function expectedAnswer(one) {
  if (one.refused) return 'error';
  return `${one.matches.map((groups) => groups.map(([a, b]) => `${a} ${b}`).join(' ')).join(';')}\t${hex(one.replaced)}`;
}

function answers(cases) {
  const input = cases.map((one) => `${hex(one.pattern)}\t${hex(one.subject)}\n`).join('');
  const run = spawnSync(answerProgram, { input, encoding: 'utf8', maxBuffer: 1 << 28 });
  const got = (run.stdout ?? '').split('\n');
  if (run.status !== 0) {
    console.log(`FAILED: ${answerProgram} ended with ${run.status ?? run.error}: ${(run.stderr ?? '').slice(0, 2000)}`);
    console.log(JSON.stringify(cases[got.length - 1]));
    process.exit(1);
  }
  return got;
}

// ---- the functions of KQL ----

const quoted = (text) => '"' + text.replace(/[\u0000-\u001f\u007f"\\\u2028\u2029]/g,
  (c) => '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0')) + '"';

function query(pattern, cases) {
  const p = quoted(pattern);
  // Behind `(?x)` a comment could swallow the parenthesis that parse adds.
  const parse = cases[0].parsed === null || pattern.includes('x') ? '| extend behind = ""' : `| parse kind=regex s with ${p} behind:string`;
  const rows = cases.map((one, i) => `${i}, ${quoted(one.subject)}`).join(', ');
  const all = `tostring(extract_all(strcat("(", ${p}, ")"), dynamic([1]), s))`;
  return `datatable(i:long, s:string)[${rows}] ${parse} | project i, s matches regex ${p}, extract(${p}, 0, s), ` +
    `${pattern.includes('x') || pattern.includes('#') ? '""' : all}, replace_regex(s, ${p}, ${quoted(rewrite((i) => `\\${i}`))}), ` +
    `countof(s, ${p}, "regex"), behind | order by i asc`;
}

function expectedRow(one, i, hasAll, hasParse) {
  const bytes = Buffer.from(one.subject, 'utf8');
  const piece = ([a, b]) => bytes.subarray(a, b).toString('utf8');
  const found = one.matches.map((groups) => piece(groups[0]));
  const whole = one.parsed && one.parsed !== 'no' ? piece([one.parsed.start, one.parsed.end]) : '';
  return [i, found.length > 0, found[0] ?? '', !hasAll ? '' : found.length ? found : '', one.replaced, found.length,
    hasParse ? whole : ''];
}

class Asker {
  constructor(program) {
    this.process = spawn(program, [], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.process.on('exit', (status) => status && (console.log(`FAILED: ${program} ended with ${status}`), process.exit(1)));
    this.rest = '';
    this.lines = [];
    this.process.stdout.setEncoding('utf8').on('data', (text) => {
      const lines = (this.rest + text).split('\n');
      this.rest = lines.pop();
      this.lines.push(...lines);
      this.wake?.();
    });
  }
  async line() {
    while (!this.lines.length) await new Promise((wake) => (this.wake = wake));
    return this.lines.shift();
  }
  async ask(text) {
    this.process.stdin.write(`1 2048 ${Buffer.byteLength(text)}\n${text}`);
    const first = await this.line();
    if (first.startsWith('error ')) return first;
    await this.line();
    return JSON.parse(first);
  }
}

const report = { passed: 0, failed: 0, matched: 0, refused: 0 };
function check(what, one, want, got) {
  if (want === got) {
    report.passed++;
    return;
  }
  if (++report.failed <= 20)
    console.log(`FAILED: ${what}: pattern ${JSON.stringify(one.pattern)} text ${JSON.stringify(one.subject)}\n  want ${want}\n  got  ${got}`);
}

async function askKql(asker, cases) {
  const text = query(cases[0].pattern, cases);
  const got = await asker.ask(text);
  if (cases[0].refused) {
    check('KQL refuses', cases[0], true, typeof got === 'string' && got.includes('regular expression'));
    return;
  }
  if (typeof got === 'string') {
    check('KQL accepts', cases[0], '', got);
    return;
  }
  const hasAll = text.includes('extract_all');
  const hasParse = text.includes('parse kind');
  cases.forEach((one, i) => {
    const row = got[i];
    if (row[3]) row[3] = JSON.parse(row[3]);
    check('KQL', one, JSON.stringify(expectedRow(one, i, hasAll, hasParse)), JSON.stringify(row));
  });
}

// ---- all together ----

function judged(pairs, seed) {
  const run = spawnSync(process.execPath, [self, 'judge', pairs, seed], { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (run.status !== 0) {
    console.log(`FAILED: the judge ended with ${run.status ?? run.error}, seed ${seed}: ${run.stderr.slice(-1000)}`);
    process.exit(1);
  }
  return run.stdout.trimEnd().split('\n').map((line) => JSON.parse(line));
}

async function compare(total, seed) {
  const asker = new Asker(askProgram);
  for (let done = 0; done < total;) {
    const cases = judged(Math.min(PAIRS_PER_JUDGE, total - done), seed++);
    const got = answers(cases);
    for (let i = 0; i < cases.length; i++) {
      const one = cases[i];
      check('engine', one, expectedAnswer(one), got[i].replaceAll(' -1 -1', ''));
      report.refused += one.refused;
      report.matched += one.matches?.length > 0;
    }
    for (let i = 0; i < cases.length;) {
      let end = i + 1;
      while (end < cases.length && cases[end].pattern === cases[i].pattern && end - i < SUBJECTS) end++;
      await askKql(asker, cases.slice(i, end));
      i = end;
    }
    done += cases.length;
  }
  asker.process.stdin.end();
  console.log(`${report.matched} pairs match, ${report.refused} patterns refused`);
  console.log(`${report.passed} passed, ${report.failed} failed`);
  process.exitCode = report.failed ? 1 : 0;
}

// A C string literal.
function literal(text) {
  let out = '';
  for (const byte of Buffer.from(text, 'utf8')) {
    const c = String.fromCharCode(byte);
    out += byte < 32 || byte > 126 || '\\"?'.includes(c) ? '\\' + byte.toString(8).padStart(3, '0') : c;
  }
  return `"${out}"`;
}

// Short patterns, three that match to one of the rest, two texts each.
function table(wanted, seed) {
  const shown = [];
  while (shown.length < wanted) {
    const cases = judged(PAIRS_PER_JUDGE, seed++);
    const got = answers(cases);
    const last = {};
    cases.forEach((one, i) => {
      const answer = one.refused ? 'error' : got[i].split('\t')[0].split(';')[0];
      if (expectedAnswer(one) !== got[i].replaceAll(' -1 -1', '') || Buffer.byteLength(one.pattern) > 50) return;
      if ((last[one.pattern] ?? 0) >= 2 || (!one.matches?.length && i % 6) || shown.length >= wanted) return;
      last[one.pattern] = (last[one.pattern] ?? 0) + 1;
      shown.push([one.pattern, one.subject, one.refused ? 'error' : answer ? `yes ${answer}` : 'no']);
    });
  }
  console.log('/* tests/unit/runtime/regex/oracle_cases.h: answers of Rust\'s regex crate to random questions, so');
  console.log(' * that no node is needed to check ours. Made by tests/oracle/regex.mjs; do not edit. */');
  console.log('/* clang-format off */');
  for (const [pattern, subject, answer] of shown) console.log(`{${literal(pattern)}, ${literal(subject)}, "${answer}"},`);
}

if (answerProgram === 'judge') judge(Number(askProgram), Number(count));
else if (askProgram === 'table') table(Number(count), Number(seed));
else await compare(Number(count ?? 20000), Number(seed ?? 1));
