import { expect, it } from 'vitest';
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
