import { expect, it } from 'vitest';
import { FIELDS } from '../../../collectors/dialects/dialect.ts';
import { dialects } from '../../../collectors/dialects/index.ts';
import { sourcesOf } from '../../../collectors/dialects/plan.ts';
import { MalformedBody } from '../../../collectors/otlp/wire.ts';
import { Dictionary } from '../../../src/model/dictionary.ts';
import { compareWithOracle } from './agreement.ts';
import { ExportRequest } from './oracle.ts';
import { RandomRequests } from './random-request.ts';
import { decoderWith, samples, WINDOW } from './samples.ts';
import { vocabulary } from './vocabulary.ts';

it.each([1, 2, 3, 4])('what is read of random requests is what a plain reader reads: seed %i', (seed) => {
  const random = new RandomRequests(seed, vocabulary);
  const dictionary = new Dictionary();
  const decoder = decoderWith(dictionary);
  let compared = 0;
  while (compared < 1000) compared += compareWithOracle(random.next(), decoder, dictionary).compared;
  expect(compared).toBeGreaterThanOrEqual(1000);
});

it('a cut or changed body ends in a result or in MalformedBody, and is never taken where protobufjs refuses it', () => {
  const random = new RandomRequests(5, vocabulary);
  const decoder = decoderWith(new Dictionary());
  const bodies = [...samples.flatMap(({ protobuf }) => protobuf), ...Array.from({ length: 150 }, () => random.next())];
  let taken = 0;
  let refused = 0;
  for (const body of bodies)
    for (let i = 0; i < 20; i++) {
      const hurt = i < 8 ? Buffer.from(body.subarray(0, random.below(body.length))) : changed(body, random);
      const theirs = outcome(() => ExportRequest.decode(hurt));
      const ours = outcome(() => decoder.decode(hurt, WINDOW));
      if (ours !== null) expect(ours).toBeInstanceOf(MalformedBody);
      if (theirs !== null) expect(ours, `${theirs}: ${hurt.toString('hex')}`).not.toBeNull();
      if (ours === null) taken++;
      else refused++;
    }
  expect(taken).toBeGreaterThan(500);
  expect(refused).toBeGreaterThan(500);
});

function changed(body: Buffer, random: RandomRequests): Buffer {
  const copy = Buffer.from(body);
  for (let i = 0; i < 3 && copy.length > 0; i++) copy[random.below(copy.length)] = random.below(256);
  return copy;
}

function outcome(run: () => unknown): unknown {
  try {
    run();
    return null;
  } catch (error) {
    return error;
  }
}

it('the vocabulary covers every source of every field', () => {
  const keys = new Set([...vocabulary.spanKeys, ...vocabulary.eventKeys]);
  const missing = FIELDS.flatMap((field) => sourcesOf(dialects, field)).filter(
    (source) => source.take !== 'event time' && !keys.has(source.key),
  );
  expect(missing).toEqual([]);
});
