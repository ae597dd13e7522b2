import { describe, expect, it } from 'vitest';
import { NOTHING_DECLARED } from '../../../collectors/dialects/declared.ts';
import { dialects } from '../../../collectors/dialects/index.ts';
import type { WireForm } from '../../../collectors/otlp/answers.ts';
import { Exports } from '../../../collectors/otlp/exports.ts';
import { giveUp } from '../../../collectors/otlp/give-up.ts';
import { TraceDecoder } from '../../../collectors/otlp/index.ts';
import { SIGNALS, type SignalName } from '../../../collectors/otlp/signal.ts';
import { Dictionary } from '../../../src/model/dictionary.ts';
import { MemorySink, Tally } from './door.ts';
import { samples, WINDOW } from './samples.ts';

interface Sent {
  readonly name: SignalName;
  readonly form: WireForm;
  readonly body: Buffer;
}

const bodiesOf = (name: SignalName, form: WireForm): Sent[] =>
  samples.flatMap((sample) => {
    const ofSignal = name === 'traces' ? sample : sample[name];
    return ofSignal[form].map((body) => ({ name, form, body }));
  });
const NAMES = Object.keys(SIGNALS) as SignalName[];
const ALL = NAMES.flatMap((name) => (['protobuf', 'json'] as const).flatMap((form) => bodiesOf(name, form)));

/** All that comes of the bodies, each in memory of its own, with which something is done as soon as it has been decoded. */
async function decoded(sent: readonly Sent[], free: (body: Buffer) => void): Promise<object> {
  const sink = new MemorySink();
  const counters = new Tally();
  const dictionary = new Dictionary();
  const decoder = new TraceDecoder({ dialects, dictionary, declared: NOTHING_DECLARED });
  const exports = new Exports({
    sink,
    decoder: () => decoder,
    clock: () => WINDOW.now,
    retention: () => WINDOW.retention,
    counters,
    report: () => {},
  });
  const requests = sent.map(({ name, form, body }) => {
    const lent = Buffer.allocUnsafeSlow(body.length);
    body.copy(lent);
    const request = exports.decode(name, form, lent, null);
    free(lent);
    return request;
  });
  for (const request of requests) await request.store();
  return {
    answers: requests.map(({ count, rejected, warnings }) => ({ count, rejected, warnings })),
    spans: sink.spans,
    evaluations: sink.evaluations,
    calls: sink.calls,
    texts: Array.from({ length: dictionary.size }, (_, code) => dictionary.text(code)),
    rejects: counters.rejects,
  };
}

describe('nothing of a body is looked at after it was decoded', () => {
  it('is in the recordings at all', () => {
    for (const name of NAMES) expect(ALL.some((sent) => sent.name === name)).toBe(true);
  });

  it.each([
    ['lent to the next one', (body: Buffer): void => void body.fill('x')],
    ['freed', giveUp],
  ])('whose memory is %s', async (_what, free) => {
    const kept = await decoded(ALL, () => {});
    expect(await decoded(ALL, free)).toEqual(kept);
  });
});

describe('memory that is given up', () => {
  it('is free at once', () => {
    const buffer = Buffer.allocUnsafeSlow(1000);
    giveUp(buffer);
    expect(buffer.length).toBe(0);
  });

  it('is left alone where another buffer shares it', () => {
    const [part, pooled] = [Buffer.allocUnsafeSlow(1000).subarray(0, 999), Buffer.from('pooled')];
    for (const buffer of [part, pooled]) {
      const before = Buffer.from(buffer);
      giveUp(buffer);
      expect(buffer).toEqual(before);
    }
  });
});
