import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/model/config/limits.ts';
import { CHANGE_TYPES, Feedback } from '../../src/model/signals.ts';
import { World } from '../server/world.ts';

const page = readFileSync(resolve(import.meta.dirname, '../../docs/guide/sending.md'), 'utf8');
/** A text that the page cuts off with … only has to begin so. */
const shortened = (_key: string, value: unknown): unknown =>
  typeof value === 'string' && value.endsWith('…') ? expect.stringContaining(value.slice(0, -1)) : value;
/** A command, and the answer that stands below it. */
const commands = [...page.matchAll(/^```sh\n([\s\S]*?)^```\n(?:[^`]*?)^```json\n([\s\S]*?)^```/gm)].map(
  ([, command, answer]) => ({ command: command!, answer: JSON.parse(answer!, shortened) }),
);
const run = promisify(execFile);

describe.skipIf(!existsSync('/usr/bin/curl'))('the commands of docs/guide/sending.md (need /usr/bin/curl)', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ now: Date.now() });
  });
  afterAll(() => world.end());

  it('are all followed by their answer', () => {
    expect(commands.length).toBeGreaterThan(7);
    expect(commands).toHaveLength(page.match(/^```sh$/gm)!.length);
  });

  it.each(commands.map((one, i) => ({ ...one, name: `${i + 1}: ${/https?:\/\/\S+/.exec(one.command)![0]}` })))(
    '$name',
    async ({ command, answer }) => {
      world.now = Date.now();
      const { http, otlpHttp } = world.plimsoll.addresses;
      const here = command.replaceAll('http://127.0.0.1:8080', http).replaceAll('http://127.0.0.1:4318', otlpHttp);
      expect(here).not.toMatch(/127\.0\.0\.1:(8080|4318)/);
      const { stdout } = await run('/bin/sh', ['-ec', here]);
      expect(JSON.parse(stdout)).toMatchObject(answer);
    },
  );
});

describe('docs/guide/sending.md', () => {
  it('shows values of feedback that are taken, of every kind', () => {
    const rows = [...page.matchAll(/^\| `(\w+)` +\| ((?:`"\w+"`|true|1).*?) *\|$/gm)].map(([, kind, cell]) => ({
      kind,
      values: cell!.startsWith('1 to 5')
        ? [1, 2, 3, 4, 5]
        : [
            ...cell!
              .split(':')[0]!
              .replaceAll('`', '')
              .matchAll(/"\w+"|true|false/g),
          ].map(([one]) => JSON.parse(one)),
    }));
    const target = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736' };
    for (const { kind, values } of rows)
      for (const value of values)
        expect(Feedback.safeParse({ ...target, kind, value }).error?.issues ?? []).toEqual([]);
    const refused = Feedback.safeParse({ ...target, kind: 'no such kind', value: 1 }).error!;
    expect(rows.map(({ kind }) => kind).toSorted()).toEqual(
      [...refused.issues[0]!.message.matchAll(/'(\w+)'/g)].map((match) => match[1]).toSorted(),
    );
  });

  it('names every type of change, and the limit of bodies', () => {
    for (const type of CHANGE_TYPES) expect(page).toContain(`\`${type}\``);
    expect(page).toContain(`${DEFAULT_LIMITS.maxBodyBytes / 2 ** 20} MiB, unpacked`);
  });
});
