import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MalformedBody } from '../../../collectors/otlp/index.ts';
import { explanationText } from '../../../src/server/explain/text.ts';
import { samples } from '../../collectors/otlp/samples.ts';
import { explained } from './explaining.ts';

const bodies = samples.flatMap(({ protobuf }) => protobuf).filter(({ length }) => length < 8_000);

it('a damaged request is explained, or refused with the byte; it never makes a fault', () => {
  let damaged = 0;
  const damage = fc.array(fc.tuple(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.nat(255)), {
    minLength: 1,
    maxLength: 6,
  });
  fc.assert(
    fc.property(fc.constantFrom(...bodies), damage, (body, changes) => {
      const bytes = Buffer.from(body);
      for (const [at, byte] of changes) bytes[Math.floor(at * bytes.length)] = byte;
      try {
        const text = explanationText(explained([bytes]), { columns: 80, hasColour: false });
        // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not reach a terminal
        expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
      } catch (error) {
        if (!(error instanceof MalformedBody)) throw error;
        expect(error.at).toBeLessThanOrEqual(bytes.length);
        damaged++;
      }
    }),
    { numRuns: 300 },
  );
  expect(damaged).toBeGreaterThan(10);
});
