import { type Exchange, exchange, objective, random, service, World } from '../world.ts';

const MINUTE = 60_000;
const HOURS = 3;
const PER_MINUTE = 6;

export const SERVICE = 'support-bot';

/**
 * A world in which everything that has a metric happens: traffic with failures, a slow tail and a sampled trace, feedback, scores, labels,
 * changes, a metric of calls, an incident whose delivery nobody takes, an objective without evidence, a service that no file declares.
 */
export class BusyWorld {
  readonly world: World;
  /** The newest exchange. */
  asked!: Exchange;
  #chance = random(11);
  /** Of the next minute of traffic. */
  #at: number;

  private constructor(world: World, at: number) {
    this.world = world;
    this.#at = at;
  }

  /** Nothing has happened yet. */
  static async start(): Promise<BusyWorld> {
    const now = Math.floor(Date.now() / MINUTE) * MINUTE;
    const begin = now - HOURS * 60 * MINUTE;
    const world = await World.start({
      now: begin,
      services: [
        service(SERVICE, {
          owner: { name: 'Dana Ruiz' },
          models: [{ provider: 'openai', name: 'gpt-4o-mini', version: 'gpt-4o-mini-2024-07-18' }],
          evaluations: { groundedness: { scale: [0, 1], good: 'high', pass: 0.7 } },
        }),
      ],
      objectives: [
        objective('availability', { service: SERVICE, kind: 'SLA', measure: { type: 'availability' }, target: 0.9 }),
        objective('answers-in-4s', {
          service: SERVICE,
          measure: { type: 'latency', threshold: '3s' },
          target: 0.99,
          alert: { detector: 'both' },
        }),
        objective('groundedness', {
          service: SERVICE,
          kind: 'XLA',
          measure: { type: 'accuracy', evaluation: 'groundedness', pass: '>= 0.7' },
          target: 0.9,
        }),
        objective('satisfaction', { service: SERVICE, kind: 'XLA', measure: { type: 'satisfaction' }, target: 0.8 }),
        objective('correctness', {
          service: SERVICE,
          measure: { type: 'accuracy', label: 'correct' },
          target: 0.9,
        }),
      ],
      spec: {
        sinks: [{ name: 'ops', type: 'webhook', url: 'http://127.0.0.1:9/in', secret: 'env:OPS_SECRET' }],
        egress: { allow: ['127.0.0.1/32'] },
        audit: { anchors: ['ops'] },
      },
    });
    return new BusyWorld(world, begin);
  }

  /** Three hours of all that, judged at their end. */
  async live(): Promise<void> {
    await this.pass(HOURS * 60);
    await this.label();
    await this.world.countCalls(SERVICE, HOURS * 60 * PER_MINUTE, this.#at - HOURS * 60 * MINUTE, this.#at);
    await this.judge();
    await this.world.plimsoll.checkStore();
  }

  /** Minutes of traffic with all that is said of it. */
  async pass(minutes: number): Promise<void> {
    const asked: Exchange[] = [];
    for (let i = 0; i < minutes; i++, this.#at += MINUTE)
      for (let k = 0; k < PER_MINUTE; k++)
        asked.push(
          exchange(SERVICE, this.#at + k * 9000 + 500, {
            failed: this.#chance() < 0.02,
            durationMs: this.#chance() < 0.2 ? 9000 : 800,
            attributes: { 'gen_ai.response.time_to_first_chunk': 0.2 + 0.1 * (k % 3) },
            ...(asked.length === 0 && { traceState: 'ot=th:8' }),
          }),
        );
    this.world.now = this.#at;
    await this.world.spans([...asked, exchange('unknown-bot', this.#at - 1000)]);
    await this.world.rate(asked.map((one) => ({ exchange: one, score: this.#chance() < 0.05 ? 0.2 : 0.9 })));
    // Too little to decide anything by.
    await this.world.post('/feedback', {
      feedback: asked.slice(0, 2).map(({ traceId }) => ({ traceId, kind: 'thumbs', value: 'up' })),
    });
    await this.world.post('/changes', {
      changes: [{ service: SERVICE, type: 'prompt', before: '6', after: '7', at: new Date(this.#at).toISOString() }],
    });
    this.asked = asked.at(-1)!;
  }

  async label(): Promise<void> {
    await this.world.post('/labels', {
      labels: [{ traceId: this.asked.traceId, name: 'correct', value: true, source: 'human', sampling: 'random' }],
    });
  }

  async judge(): Promise<void> {
    this.world.now = this.#at + 20_000;
    if ((await this.world.plimsoll.tick()) === null) throw new Error('the tick failed');
  }

  async page(): Promise<string> {
    const answer = await fetch(this.metricsUrl);
    if (answer.status !== 200) throw new Error(`${answer.status} ${await answer.text()}`);
    return answer.text();
  }

  get metricsUrl(): string {
    return `${this.world.plimsoll.addresses.http}/metrics`;
  }
}
