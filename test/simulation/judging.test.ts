import { DatabaseSync } from 'node:sqlite';
import { afterEach, expect, it } from 'vitest';
import { type Exchange, exchange, objective, random, service, World } from '../server/world.ts';

const START = Date.parse('2026-11-18T00:00:00Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const CHUNK = 6 * HOUR;
/** `PLIMSOLL_DAYS=9.5` to see baselines of drift that are complete, and curves of late labels: minutes of work. */
const DAYS = Number(process.env['PLIMSOLL_DAYS'] ?? 1.25);
/** One seed of choice: `PLIMSOLL_SEED=7 vitest run test/simulation/judging`. */
const SEED = Number(process.env['PLIMSOLL_SEED'] ?? 1);
const MODELS = ['gpt-4o-mini-2024-07-18', 'gpt-4o-2024-08-06', 'o3-mini'];

const worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.end();
});

const of = (name: string, measure: object, target: number | null, more: object = {}) =>
  objective(name, { service: 'bot', measure, ...(target === null ? {} : { target }), ...more });

/** A service with objectives of every kind that is judged. */
async function start(): Promise<World> {
  const world = await World.start({
    now: START,
    services: [service('bot', { evaluations: { groundedness: { pass: 0.7 } } })],
    objectives: [
      of('up', { type: 'availability' }, 0.9, {
        alert: { detector: 'both', slices: ['prompt_version', 'response_model'] },
      }),
      of('fast', { type: 'latency', threshold: '4s' }, 0.9, { alert: { slices: ['response_model'] } }),
      of('grounded', { type: 'accuracy', evaluation: 'groundedness' }, 0.9, {
        alert: { detector: 'both' },
        window: { calendar: 'week', timeZone: 'Asia/Kolkata' },
      }),
      of('scored', { type: 'relevance', evaluation: 'groundedness' }, 0.8, { alert: { detector: 'both' } }),
      of('right', { type: 'accuracy', label: 'correct' }, 0.8),
      of('liked', { type: 'satisfaction' }, 0.7, { alert: { detector: 'both' } }),
      of('answered', { type: 'satisfaction', responseRate: true }, 0.1),
      of('shift-tokens', { type: 'drift', feature: 'output_tokens' }, null),
      of('shift-scores', { type: 'drift', feature: 'groundedness' }, null),
      of('shift-models', { type: 'drift', feature: 'response_model' }, null),
      of('trusted', { type: 'trust' }, 0.7),
      of('even', { type: 'parity', of: 'up', dimension: 'response_model', limit: 0.1 }, null, {
        window: { calendar: 'month', timeZone: 'Asia/Kolkata' },
      }),
      of('all', { type: 'composite', rule: 'worst', of: ['up', 'right'] }, 0.8),
    ],
  });
  worlds.push(world);
  return world;
}

/** Something that is sent: after its time, and after the interaction it is about. */
interface Sent {
  readonly at: number;
  readonly asked: Exchange;
  readonly send: 'span' | 'score' | 'label' | 'thumb';
  readonly good: boolean;
  readonly score: number;
}

function life(seed: number): Sent[] {
  const dice = random(seed);
  const sent: Sent[] = [];
  let bad = 0.03;
  let until = 0;
  let longer = 1;
  for (let at = 0; at < DAYS * DAY; at += 30_000) {
    if (at >= until) {
      until = at + (20 + dice() * 600) * MINUTE;
      bad = dice() < 0.3 ? 0.3 + 0.6 * dice() : 0.03;
      longer = at > 7.8 * DAY && dice() < 0.5 ? 4 : 1;
    }
    const model = MODELS[Math.floor(dice() * dice() * 3)]!;
    const promptVersion = dice() < 0.1 ? '8' : '7';
    const risk = promptVersion === '8' && bad > 0.1 ? 0.9 : bad / 2;
    if (dice() < 0.02) continue;
    const asked = exchange('bot', START + at + 5000 + Math.floor(dice() * 20_000), {
      failed: dice() < risk,
      durationMs: dice() < bad ? 9000 : 700,
      model,
      promptVersion,
      outputTokens: Math.round(30 * longer * Math.exp(2 * dice())),
    });
    const good = dice() > 0.15 + bad / 2;
    const later = Math.floor((dice() < 0.8 ? 2 * HOUR : 3 * DAY) * dice() * (good ? 3 : 1));
    const one = { asked, good, score: Math.round(1000 * (good ? 0.7 + 0.3 * dice() : 0.6 * dice())) / 1000 };
    sent.push({ ...one, at: asked.end, send: 'span' });
    if (dice() < 0.3) sent.push({ ...one, at: asked.end + Math.floor(dice() * HOUR), send: 'score' });
    if (dice() < 0.15) sent.push({ ...one, at: asked.end + later, send: 'label' });
    if (dice() < 0.15) sent.push({ ...one, at: asked.end + later, send: 'thumb' });
  }
  return sent.filter(({ at }) => at < START + DAYS * DAY - MINUTE).sort((a, b) => a.at - b.at);
}

async function deliver(world: World, sent: readonly Sent[]): Promise<void> {
  const of = (kind: Sent['send']) => sent.filter(({ send }) => send === kind);
  const spans = of('span').map(({ asked }) => asked);
  if (spans.length > 0) await world.spans(spans);
  await world.rate(of('score').map(({ asked, score, at }) => ({ exchange: asked, score, laterMs: at - asked.end })));
  const told = ({ asked, at }: Sent) => ({ traceId: asked.traceId, at: new Date(at).toISOString() });
  const labels = of('label').map((one) => ({
    ...told(one),
    name: 'correct',
    value: one.good,
    source: 'human',
    sampling: 'random',
  }));
  if (labels.length > 0) await world.post('/labels', { labels });
  const feedback = of('thumb').map((one) => ({ ...told(one), kind: 'thumbs', value: one.good ? 'up' : 'down' }));
  if (feedback.length > 0) await world.post('/feedback', { feedback });
}

/** Every name is seen once, in the same order: what is ordered by codes is ordered alike. */
async function begin(world: World, first: readonly Exchange[]): Promise<void> {
  world.now = START + MINUTE;
  for (const asked of first) await world.spans([asked]);
  const [asked] = first as [Exchange];
  for (const send of ['score', 'label', 'thumb'] as const)
    await deliver(world, [{ at: asked.end + 1000, asked, send, good: true, score: 0.9 }]);
  world.now = START + 2 * MINUTE + 20_000;
  expect(await world.plimsoll.tick()).not.toBeNull();
}

/** The baseline begins anew with each of them, whenever it is approved. */
const approve = (world: World, hours: number): Promise<object> =>
  world.post('/changes', {
    changes: [
      {
        service: 'bot',
        type: 'prompt',
        after: `of ${hours}`,
        state: 'approved',
        at: new Date(START + hours * HOUR).toISOString(),
      },
    ],
  });

async function tick(world: World, now: number): Promise<void> {
  world.now = now + 20_000;
  expect(await world.plimsoll.tick()).not.toBeNull();
}

function stored(world: World): { states: Map<string, string>; episodes: unknown[] } {
  const db = new DatabaseSync(world.file, { readOnly: true });
  const states = db.prepare('select objective, minute, state from checkpoint order by objective, minute').all() as {
    objective: string;
    minute: number;
    state: Uint8Array;
  }[];
  const episodes = (db.prepare('select * from episode').all() as Record<string, unknown>[])
    .map(({ incident: _, ...one }) => JSON.stringify(one))
    .sort();
  db.close();
  return {
    states: new Map(
      states.map(({ objective, minute, state }) => [`${objective} ${minute}`, Buffer.from(state).toString('latin1')]),
    ),
    episodes,
  };
}

it('whatever the order of arrival, restarted and failed in between, the state is that of an ordered run, byte for byte', async () => {
  const happened = life(SEED);
  const first = MODELS.flatMap((model, i) =>
    ['7', '8'].map((promptVersion, k) =>
      exchange('bot', START + 1000 * (1 + 2 * i + k), { model, promptVersion, failed: i === 2, outputTokens: 50 }),
    ),
  );
  const chunkOf = (at: number): number => Math.floor((at - START) / CHUNK);
  const chunks = chunkOf(START + DAYS * DAY);

  const ordered = await start();
  await begin(ordered, first);
  for (let chunk = 0; chunk < chunks; chunk++) {
    const end = START + (chunk + 1) * CHUNK;
    ordered.now = end;
    await deliver(
      ordered,
      happened.filter(({ at }) => chunkOf(at) === chunk),
    );
    if (chunk === 0) await approve(ordered, 5.5);
    if (chunk === 1) await approve(ordered, 8);
    await tick(ordered, end);
  }

  const dice = random(SEED + 1000);
  const mixed = await start();
  await begin(mixed, first);
  const lag = new Map<string, number>();
  const plan: Sent[][] = Array.from({ length: chunks }, () => []);
  for (const one of happened) {
    const key = one.asked.traceId;
    const late = Math.max(
      chunkOf(one.at) + (dice() < 0.1 ? Math.floor(dice() * 12) : 0),
      one.send === 'span' ? 0 : lag.get(key)!,
    );
    const when = Math.min(chunks - 1, late);
    if (one.send === 'span') lag.set(key, when);
    plan[when]!.push(one);
  }
  for (let chunk = 0; chunk < chunks; chunk++) {
    const end = START + (chunk + 1) * CHUNK;
    mixed.now = end;
    const sent = plan[chunk]!.map((one) => ({ one, by: dice() })).sort((a, b) => a.by - b.by);
    await deliver(
      mixed,
      sent.map(({ one }) => one),
    );
    if (chunk === Math.min(9, chunks - 3)) await approve(mixed, 8);
    if (chunk === Math.min(12, chunks - 2)) await approve(mixed, 5.5);
    if (dice() < 0.2) {
      const db = new DatabaseSync(mixed.file, { timeout: 30_000 });
      db.exec("create trigger no_room before insert on checkpoint begin select raise(abort, 'no room'); end");
      mixed.now = end + 20_000;
      expect(await mixed.plimsoll.tick()).toBeNull();
      db.exec('drop trigger no_room');
      db.close();
    }
    if (dice() < 0.2) await mixed.restart();
    if (dice() < 0.7 || chunk === chunks - 1) await tick(mixed, end);
    if (dice() < 0.2) await mixed.restart();
  }
  await tick(mixed, START + chunks * CHUNK);

  const [one, two] = [stored(ordered), stored(mixed)];
  const differ = [...one.states.keys()].filter(
    (key) => two.states.has(key) && two.states.get(key) !== one.states.get(key),
  );
  expect([...two.states.keys()].toSorted()).toEqual([...one.states.keys()].toSorted());
  expect(differ).toEqual([]);
  expect(two.episodes).toEqual(one.episodes);
  expect(one.episodes.length).toBeGreaterThan(3);
  const shown = async (world: World) => (await world.get<{ objectives: { name: string }[] }>('/objectives')).objectives;
  const told = await shown(ordered);
  for (const objective of await shown(mixed))
    expect(objective).toEqual(told.find(({ name }) => name === objective.name));
}, 600_000);
