// Preloaded (`--import`) into programs under test that wait for minutes to pass: in them, their threads and their children time goes
// PLIMSOLL_TEST_PACE times as fast since PLIMSOLL_TEST_EPOCH (ms), one time for all. Clocks and timers are bent, nothing else: the limits of
// `AbortSignal.timeout`, and those inside of Node, stay as long as they are.
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers';
import timersPromises from 'node:timers/promises';
import { promisify } from 'node:util';

const pace = Number(process.env['PLIMSOLL_TEST_PACE']);
const epoch = Number(process.env['PLIMSOLL_TEST_EPOCH']);
const bent = (ms: number): number => epoch + (ms - epoch) * pace;
/** Of a timer that nobody set: at once, as ever. */
const shorter = (ms: number | undefined): number | undefined => (ms === undefined ? ms : ms / pace);

const wallClock = Date.now;
const now = (): number => bent(wallClock());
Date.now = now;
globalThis.Date = new Proxy(Date, {
  construct: (date, args, target) => Reflect.construct(date, args.length === 0 ? [now()] : args, target),
  apply: () => new Date(now()).toString(),
});

const [steadyClock, origin] = [performance.now.bind(performance), bent(performance.timeOrigin)];
Object.defineProperties(performance, {
  now: { value: () => steadyClock() * pace },
  timeOrigin: { value: origin },
});

const { setTimeout, setInterval } = timers;
const fast = {
  setTimeout: (run: () => void, ms?: number, ...args: []) => setTimeout(run, shorter(ms), ...args),
  setInterval: (run: () => void, ms?: number, ...args: []) => setInterval(run, shorter(ms), ...args),
};
const { setTimeout: wait } = timersPromises;
const waitShorter: typeof wait = (ms, ...rest) => wait(shorter(ms), ...rest);
Object.assign(fast.setTimeout, { [promisify.custom]: waitShorter });
Object.assign(timers, fast);
Object.assign(globalThis, fast);
timersPromises.setTimeout = waitShorter;
syncBuiltinESMExports();
