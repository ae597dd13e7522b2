// Durable, tallied interactions a second of one writer on SQLite, and of one and two on a real PostgreSQL, in the same run and in
// turns; per core of writers and server together. One interaction is a request and the call of a model below it.
//   node bench/postgres.ts [seconds] [rounds]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectForWriting } from '../src/store/postgres/database.ts';
import { verifyPostgres } from '../src/store/postgres/verify.ts';
import { verifyStore } from '../src/store/sqlite/verify.ts';
import { hasPostgres, startPostgres } from '../test/postgres/server.ts';

const seconds = Number(process.argv[2] ?? 10);
const rounds = Number(process.argv[3] ?? 3);

interface Said {
  readonly interactionsPerSecond: number;
  readonly ratingsPerSecond: number;
  readonly acked: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Runs one writer; resolves when it is ready, and `said` when it has ended. */
async function writer(target: object): Promise<{ said: Promise<Said> }> {
  const child = spawn(
    process.execPath,
    ['--no-warnings', join(import.meta.dirname, 'store-writer.ts'), JSON.stringify(target), String(seconds)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let output = '';
  const said = once(child, 'close').then(() => JSON.parse(output.trim().split('\n').at(-1)!) as Said);
  await new Promise<void>((ready) =>
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes('ready')) ready();
    }),
  );
  return { said };
}

/** CPU seconds of a server: its first process, those below it, and those that have ended. */
function cpuOf(pid: number): number {
  let ticks = 0;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const fields = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')[1]!.split(' ');
      const isOne = Number(name) === pid;
      if (!isOne && Number(fields[1]) !== pid) continue;
      ticks += Number(fields[11]) + Number(fields[12]) + (isOne ? Number(fields[13]) + Number(fields[14]) : 0);
    } catch {
      // It has ended while we looked.
    }
  }
  return ticks / 100;
}

interface Figure {
  readonly perSecond: number;
  readonly perCore: number;
}

async function measure(name: string, targets: readonly object[], server: number | null): Promise<Figure> {
  const writers = await Promise.all(targets.map(writer));
  const before = server === null ? 0 : cpuOf(server);
  const said = await Promise.all(writers.map((one) => one.said));
  const cpu = (server === null ? 0 : cpuOf(server) - before) + said.reduce((sum, one) => sum + one.cpuSeconds, 0);
  const elapsed = Math.max(...said.map((one) => one.seconds));
  const acked = said.reduce((sum, one) => sum + one.acked, 0);
  const figure = { perSecond: acked / elapsed, perCore: acked / cpu };
  console.log(
    `${name.padEnd(24)} ${Math.round(figure.perSecond)} interactions/s  ${Math.round(figure.perCore)} a core  ` +
      `${(cpu / elapsed).toFixed(2)} cores  ${said.reduce((sum, one) => sum + one.ratingsPerSecond, 0)} feedbacks/s  ` +
      `p50 ${Math.max(...said.map((one) => one.p50Ms))} ms  p99 ${Math.max(...said.map((one) => one.p99Ms))} ms`,
  );
  return figure;
}

if (!hasPostgres) {
  console.log('SKIPPED: PostgreSQL is not installed (Debian package postgresql)');
  process.exit(0);
}
const folder = mkdtempSync(join(tmpdir(), 'plimsoll-bench-'));
const server = await startPostgres({
  fsync: 'on',
  full_page_writes: 'on',
  shared_buffers: '256MB',
  max_wal_size: '2GB',
});
try {
  console.log(
    `${cpus().length} x ${cpus()[0]?.model}, Node ${process.version}; ${rounds} rounds of ${seconds} s in turns`,
  );
  const figures = new Map<string, Figure[]>();
  const note = (name: string, figure: Figure): void => {
    figures.set(name, [...(figures.get(name) ?? []), figure]);
  };
  for (let round = 0; round < rounds; round++) {
    const file = join(folder, `${round}.db`);
    note('SQLite', await measure('SQLite, 1 writer', [{ file }], null));
    const url = server.url('postgres');
    note('PostgreSQL, 1', await measure('PostgreSQL, 1 replica', [{ url }], server.pid));
    note('PostgreSQL, 2', await measure('PostgreSQL, 2 replicas', [{ url }, { url }], server.pid));
    const { differing, compared } = verifyStore(file);
    console.log(`  verify, SQLite: ${compared} tallies compared, ${differing} differ`);
  }
  const db = connectForWriting({ url: server.url('postgres'), password: null });
  const { differing, compared } = verifyPostgres(db);
  const { bytes } = db.prepare('select pg_database_size(current_database()) as bytes').get() as { bytes: number };
  const { n } = db.prepare('select count(*) as n from span').get() as { n: number };
  db.close();
  console.log(
    `verify, PostgreSQL: ${compared} tallies compared, ${differing} differ; ${Math.round(bytes / n)} bytes an interaction`,
  );
  for (const [name, list] of figures) {
    const middle = (of: (figure: Figure) => number): number => list.map(of).sort((a, b) => a - b)[list.length >> 1]!;
    console.log(
      `${name.padEnd(14)} median ${Math.round(middle((one) => one.perSecond))} interactions/s, ${Math.round(middle((one) => one.perCore))} a core`,
    );
  }
} finally {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
