import cron from 'node-cron';
import type { Deployment } from '../model/config/deployment.ts';
import type { Millis } from '../model/time.ts';

/** Runs something later, unless what is returned is called before. */
export function schedule(ms: Millis, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}

/** Wakes the judge: at the minute's end and its grace, or oftener where the configuration says so. */
export function everyTick({ judge }: Deployment, tick: () => void): () => void {
  const seconds = judge.everyMs / 1000;
  const grace = Math.ceil(judge.graceMs / 1000) % 60;
  if (judge.everyMs % 60_000 === 0) {
    const task = cron.schedule(`${grace} */${Math.min(59, seconds / 60)} * * * *`, tick);
    return () => void task.stop();
  }
  if (Number.isInteger(seconds) && 60 % seconds === 0) {
    const task = cron.schedule(`*/${seconds} * * * * *`, tick);
    return () => void task.stop();
  }
  const timer = setInterval(tick, judge.everyMs);
  return () => clearInterval(timer);
}

export function everyHour(sign: () => void): () => void {
  const task = cron.schedule('0 0 * * * *', sign);
  return () => void task.stop();
}
