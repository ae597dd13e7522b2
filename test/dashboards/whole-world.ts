import { type Exchange, exchange, objective, random, service, World } from '../server/world.ts';

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
/** So long a baseline of drift is taken at little traffic. */
const PAST_DAYS = 29;
const HOURS = 3;
const PER_MINUTE = 6;

export const SERVICE = 'support-bot';

/**
 * A world in which everything that a dashboard shows has happened: a month of little traffic from which baselines are taken, then hours with
 * failures, a slow tail, guardrails, feedback, scores, labels, decisions, changes, and an incident that nobody can be told of.
 */
export class WholeWorld {
  readonly world: World;
  #at: number;
  readonly #chance = random(23);

  private constructor(world: World, at: number) {
    this.world = world;
    this.#at = at;
  }

  /** Nothing has happened yet. @param influx  address of the InfluxDB that keeps its history  @param now  where it is to come to, ms */
  static async start(influx: string, now: number): Promise<WholeWorld> {
    const begin = now - PAST_DAYS * DAY - HOURS * 60 * MINUTE;
    const of = (name: string, measure: object, more: object = {}) =>
      objective(name, { service: SERVICE, measure, target: 0.9, ...more });
    const world = await World.start({
      now: begin,
      engine: 'sqlite',
      services: [
        service(SERVICE, {
          owner: { name: 'Dana Ruiz' },
          audience: 'employees',
          models: [{ provider: 'openai', name: 'gpt-4o-mini', version: 'gpt-4o-mini-2024-07-18' }],
          evaluations: { groundedness: { scale: [0, 1], good: 'high', pass: 0.7 } },
          slices: ['response_model', 'prompt_version'],
          trust: { components: ['satisfaction', 'reliance', 'safety'] },
        }),
        service('quiet-bot'),
      ],
      objectives: [
        of('availability', { type: 'availability' }, { kind: 'SLA' }),
        of('answers-in-3s', { type: 'latency', threshold: '3s' }, { target: 0.99, alert: { detector: 'both' } }),
        of('groundedness', { type: 'accuracy', evaluation: 'groundedness' }, { kind: 'XLA' }),
        of('satisfaction', { type: 'satisfaction' }, { kind: 'XLA', target: 0.8 }),
        of('correctness', { type: 'accuracy', label: 'correct', judge: 'groundedness' }),
        of('trusted', { type: 'trust' }, { kind: 'XLA', target: 0.7 }),
        of('guarded', { type: 'guardrail' }, { target: 0.8 }),
        objective('lengths', { service: SERVICE, measure: { type: 'drift', feature: 'output_tokens' } }),
        objective('models', { service: SERVICE, measure: { type: 'drift', feature: 'response_model' } }),
        objective('quiet', { service: 'quiet-bot', measure: { type: 'availability' }, target: 0.99 }),
      ],
      spec: {
        sinks: [{ name: 'ops', type: 'webhook', url: 'http://127.0.0.1:9/in', secret: 'env:OPS_SECRET' }],
        egress: { allow: ['127.0.0.1/32', '127.0.0.1'] },
        history: { url: influx, database: 'plimsoll' },
      },
    });
    return new WholeWorld(world, begin);
  }

  /** A month of one answer in half an hour. */
  async past(): Promise<void> {
    const asked: Exchange[] = [];
    for (; asked.length < PAST_DAYS * 48; this.#at += 30 * MINUTE) asked.push(this.#exchange(this.#at + 5000));
    this.world.now = this.#at;
    await this.world.spans(asked);
    // So that it is known how late scores come.
    await this.world.rate(
      asked.map((one) => ({
        exchange: one,
        score: this.#chance() < 0.25 ? 0.2 : 0.9,
        laterMs: this.#chance() * 6 * 60 * MINUTE,
      })),
    );
    await this.judge();
  }

  /** Three hours of all that. */
  async live(): Promise<void> {
    await this.pass(HOURS * 60);
    await this.judge();
    await this.world.plimsoll.checkStore();
  }

  async pass(minutes: number): Promise<void> {
    const asked: Exchange[] = [];
    for (let i = 0; i < minutes; i++, this.#at += MINUTE)
      for (let k = 0; k < PER_MINUTE; k++)
        asked.push(
          this.#exchange(this.#at + k * 9000 + 500, {
            failed: this.#chance() < 0.04,
            durationMs: this.#chance() < 0.2 ? 9000 : 800,
          }),
        );
    this.world.now = this.#at;
    const guards = asked
      .filter((_, i) => i % 3 === 0)
      .map((one, i) =>
        exchange(SERVICE, one.end - 100, {
          traceId: one.traceId,
          parentSpanId: one.spanId,
          durationMs: 20,
          attributes: {
            'gen_ai.operation.name': 'apply_guardrail',
            'guardrail.name': 'tone',
            'guardrail.triggered': i % 9 === 0,
          },
        }),
      );
    await this.world.spans([...asked, ...guards]);
    await this.world.rate(asked.map((one) => ({ exchange: one, score: this.#chance() < 0.05 ? 0.2 : 0.9 })));
    const about = (one: Exchange): object => ({ traceId: one.traceId, at: new Date(one.end + 1000).toISOString() });
    await this.world.post('/feedback', {
      feedback: asked.flatMap((one, i) => [
        { ...about(one), kind: 'thumbs', value: i % 9 === 0 ? 'down' : 'up' },
        { ...about(one), kind: 'decision', value: 'accepted' },
      ]),
    });
    await this.world.post('/labels', {
      labels: asked.map((one, i) => ({
        ...about(one),
        name: 'correct',
        value: i % 11 !== 0,
        source: 'human',
        sampling: 'random',
      })),
    });
    await this.world.post('/changes', {
      changes: [{ service: SERVICE, type: 'prompt', before: '6', after: '7', at: new Date(this.#at).toISOString() }],
    });
  }

  /** Judged, and what follows from that is in the history. */
  async judge(): Promise<void> {
    this.world.now = this.#at + 20_000;
    if ((await this.world.plimsoll.tick()) === null) throw new Error('the tick failed');
    await this.world.plimsoll.history?.settled();
  }

  get metricsUrl(): string {
    return `${this.world.plimsoll.addresses.http}/metrics`;
  }

  #exchange(end: number, more: Partial<Exchange> = {}): Exchange {
    return exchange(SERVICE, end, {
      outputTokens: Math.round(30 * Math.exp(2 * this.#chance())),
      model: this.#chance() < 0.2 ? 'gpt-4o-2024-08-06' : 'gpt-4o-mini-2024-07-18',
      attributes: {
        'gen_ai.response.time_to_first_chunk': 0.2 + 0.1 * this.#chance(),
        'gen_ai.usage.cache_read.input_tokens': 40,
      },
      ...more,
    });
  }
}
