import type { Millis } from '../../src/model/time.ts';
import type { VirtualTime } from '../standins/virtual-time.ts';

export interface Climate<Weather> {
  readonly time: VirtualTime;
  readonly kinds: readonly Weather[];
  /** From then on it is fine everywhere. */
  readonly badUntil: Millis;
  /** In [0, 1). */
  readonly dice: () => number;
  /** How long the next one lasts. */
  readonly lasts: () => Millis;
}

/** The weather over each host: it stays for a while; two times of five it is fine at once, otherwise one of its kinds is drawn. */
export function weatherOver<Weather extends string>(climate: Climate<Weather | 'fine'>) {
  const { time, kinds, badUntil, dice, lasts } = climate;
  const sky = new Map<string, { is: Weather | 'fine'; until: Millis }>();
  return (host: string): Weather | 'fine' => {
    if (time.now >= badUntil) return 'fine';
    const now = sky.get(host);
    if (now !== undefined && now.until > time.now) return now.is;
    const is = dice() < 0.4 ? 'fine' : kinds[Math.floor(dice() * kinds.length)]!;
    sky.set(host, { is, until: time.now + lasts() });
    return is;
  };
}
