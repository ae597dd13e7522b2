import { expect, it } from 'vitest';
import { ExcerptCheck } from '../../src/compliance/audit/excerpt-check.ts';
import { KEY_ROTATED, readRotation, rotationData, trustedKeys } from '../../src/compliance/audit/rotation.ts';
import { check, freshKey, headsOf, logOf, START } from './logs.ts';

const [first, second, third] = [freshKey(), freshKey(), freshKey()];

it('who believes the first key believes the one that it vouched for, and the other way round', () => {
  const rotations = [
    readRotation(rotationData('test', first, second, START)),
    readRotation(rotationData('test', second, third, START)),
  ];
  for (const given of [first, second, third])
    expect([...trustedKeys([given], [first], rotations).keys()].toSorted()).toEqual(
      [first.id, second.id, third.id].toSorted(),
    );
  expect(trustedKeys([freshKey()], [first], rotations).size).toBe(1);
});

it('a rotation that one of both has not signed leads nowhere', () => {
  const forged = rotationData('test', second, third, START) as { signatures: object };
  const genuine = rotationData('test', first, second, START) as { signatures: object };
  const mixed = readRotation({ ...genuine, signatures: forged.signatures } as never);
  expect(trustedKeys([first], [first], [mixed]).size).toBe(1);
});

it('a log says in its entries which key follows which', () => {
  const rotation = rotationData('test', first, second, START);
  const log = logOf([{ n: 1 }, { n: 2 }, rotation, { n: 4 }], (seq) => (seq === 3 ? KEY_ROTATED : 'incident.updated'));
  const heads = [...headsOf(log, [3], first), ...headsOf(log, [4, 5], second)];
  const options = { heads, keys: [first, second] };
  for (const trusted of [[first], [second]])
    expect(check(log.texts, { ...options, trusted })).toMatchObject({ tampering: [], trustedHeads: 3 });
  expect(check(log.texts, { ...options, trusted: [third] }).tampering).toHaveLength(3);
  // The old key is of no use for what came after it.
  const late = check(log.texts, { heads: headsOf(log, [5], first), keys: [first, second], trusted: [first] });
  expect(late.tampering[0]!.what).toMatch(/given up with entry 3/);
});

it('a key that was given up vouches for no log in which the entry of that is not there', () => {
  const rotations = [readRotation(rotationData('test', first, second, START))];
  // Written anew with the old key, and said to be followed by the one that the verifier knows.
  const log = logOf([{ n: 1 }, { n: 2 }]);
  const heads = headsOf(log, [2, 3], first);
  const options = { heads, keys: [first, second], rotations, trusted: [second] };
  expect(check(log.texts, options).tampering.map(({ what }) => what)).toEqual([
    expect.stringMatching(/given up before/),
    expect.stringMatching(/given up before/),
  ]);
  const excerpt = new ExcerptCheck(heads[1]!, 3);
  expect(excerpt.finish({ keys: [first, second], rotations }, [second]).tampering).toMatchObject([
    { what: expect.stringMatching(/given up before/) },
  ]);
});
