// bench/duckdb.mjs: answers timed questions to DuckDB in one process, for bench/run.py. Knows nothing
// of what is measured.
//
// Usage: node duckdb.mjs MODULES THREADS < questions. A question is one line of SQL, the answer one
// line "NANOSECONDS<tab>CPU-NANOSECONDS<tab>ROWS<tab>FIRST-CELL" or "error<tab>TEXT". Views over files are made by
// questions, too, so that nothing of a file is kept between two of them.
import { createRequire } from 'node:module';
import path from 'node:path';
import readline from 'node:readline';

const [modules, threads] = process.argv.slice(2);
const { DuckDBInstance } = createRequire(path.resolve(modules) + '/')('@duckdb/node-api');
const instance = await DuckDBInstance.create(':memory:', { threads });
const connection = await instance.connect();
for await (const line of readline.createInterface({ input: process.stdin })) {
    try {
        const cpu = process.cpuUsage();
        const start = process.hrtime.bigint();
        const rows = await (await connection.run(line)).getRows();
        const spent = process.hrtime.bigint() - start;
        const { user, system } = process.cpuUsage(cpu);
        const cell = rows.length && rows[0].length ? String(rows[0][0]) : '';
        console.log([spent, (user + system) * 1000, rows.length, cell.replace(/\s/g, ' ')].join('\t'));
    } catch (error) {
        console.log('error\t' + error.message.replace(/\s/g, ' '));
    }
}
