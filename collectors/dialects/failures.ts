import type { Plan } from './plan.ts';
import { keyOf, type Reading } from './reading.ts';

/** One thing that may say that a span failed. */
interface Cause {
  readonly name: string;
  readonly slots: readonly number[];
}

/**
 * What says that a span failed: each of these alone would.
 * @param isError  whether the reader finds a failure in a reading by a plan
 */
export function failuresOf(reading: Reading, plan: Plan, isError: (reading: Reading, plan: Plan) => boolean): string[] {
  const causes = causesOf(plan);
  const withoutFinish: Plan = { ...plan, fields: { ...plan.fields, finishReason: { bit: 0, list: [] } } };
  const quiet: Reading = { ...reading, frame: { ...reading.frame, statusIsError: false } };
  const fails = (left: Cause | null, as: Reading, by: Plan): boolean => {
    const hidden = causes.flatMap((cause) => (cause === left ? [] : cause.slots));
    return reading.values.without(hidden, () => isError(as, by));
  };
  return [
    ...(fails(null, reading, withoutFinish) ? ['the status'] : []),
    ...causes.flatMap((cause) => (fails(cause, quiet, withoutFinish) ? [cause.name] : [])),
    ...(fails(null, quiet, plan) ? ['the finish reason'] : []),
  ];
}

function causesOf({ slots, failures }: Plan): Cause[] {
  const exception = [slots.event('exception', 'exception.type'), slots.of({ take: 'event time', event: 'exception' })];
  return [
    { name: 'error.type', slots: [slots.attribute('error.type')] },
    ...failures.map(({ slot }) => ({ name: keyOf(slots, slot), slots: [slot] })),
    { name: 'an exception event', slots: exception },
  ];
}
