import { seeded } from '../../src/server/random.ts';
import { jsonTarget, otherSignalTargets, protobufTarget } from './otlp.ts';
import { brokenWorld, restTargets } from './rest.ts';
import { type FuzzTarget, runOne } from './target.ts';

/** Requests under way at a time: the store commits what waits together. */
const AT_A_TIME = 32;

/** How inputs ended: by target and end. */
export type FuzzTally = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Every target there is, and a Plimsoll behind those that need one. */
export async function openTargets(seed: number): Promise<{ targets: FuzzTarget[]; end: () => Promise<void> }> {
  const { world, known } = await brokenWorld();
  const targets = [protobufTarget(seed), jsonTarget(), ...otherSignalTargets(), ...restTargets(world.api, known, seed)];
  return { targets, end: () => world.end() };
}

/**
 * Gives each target its share of `count` inputs; the same seed, the same inputs.
 * @param show  told how many are done
 * @throws FuzzFailure at the first input that is not taken as it should be
 */
export async function fuzz(
  targets: readonly FuzzTarget[],
  count: number,
  seed: number,
  show: (done: number) => void = () => {},
): Promise<FuzzTally> {
  const tally: Record<string, Record<string, number>> = {};
  let done = 0;
  for (const target of targets) {
    const random = seeded(seed);
    const ends: Record<string, number> = {};
    tally[target.name] = ends;
    for (let left = Math.ceil((count * target.share) / 10_000); left > 0; left -= AT_A_TIME) {
      const inputs = Array.from({ length: Math.min(left, AT_A_TIME) }, () => target.next(random));
      for (const end of await Promise.all(inputs.map((input) => runOne(target, input))))
        ends[end] = (ends[end] ?? 0) + 1;
      done += inputs.length;
      show(done);
    }
  }
  return tally;
}
