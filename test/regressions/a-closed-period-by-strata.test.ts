import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { judgedAccuracy } from '../../src/measures/judged-accuracy.ts';
import { labelled } from '../../src/measures/labelled.ts';
import type { Objective } from '../../src/objectives/objective.ts';
import { Periods } from '../../src/server/judge/periods.ts';
import type { Reader } from '../../src/store/reader.ts';
import { openRecords } from '../../src/store/records/records.ts';
import { openForWriting } from '../../src/store/sqlite/database.ts';
import * as counters from '../../src/tally/counters.ts';
import { sum, type Tally } from '../../src/tally/group.ts';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-strata-'));
const db = openForWriting(join(folder, 'store.db'));
afterAll(() => {
  db.close();
  rmSync(folder, { recursive: true, force: true });
});

const [LABEL, STRATA] = [50, 80];
const DAY = 1440;
/** Nobody judges: the labels of each stratum count at its weight in the traffic. */
const stratum = (traffic: number, labels: number, right: number): Tally =>
  new Map([
    [counters.COUNT, traffic],
    [counters.labels(LABEL), labels],
    [counters.labelsTrue(LABEL), right],
  ]);
const few = stratum(1000, 500, 250);
const many = stratum(9000, 500, 500);

/** The reading of the objective said 0.95, its closed day 0.75: the labels as if they had been drawn from all alike. */
it('a closed period is estimated by the strata that its objective is', async () => {
  const reader = {
    firstMinute: () => 0,
    *series(step: string, _clock: number, _service: number, first: number, last: number) {
      if (step === 'hour' && first <= 3 && last >= 3) yield { at: 3, tally: sum([few, many]) };
    },
    *slicesOf(step: string, _clock: number, _service: number, dimension: number, first: number, last: number) {
      if (step !== 'hour' || dimension !== STRATA || first > 3 || last < 3) return;
      yield { value: 100, at: 3, tally: few };
      yield { value: 101, at: 3, tally: many };
    },
  };
  const objective = {
    name: 'right',
    counted: 10,
    target: 0.9,
    q0: 0.1,
    events: labelled([LABEL]),
    estimator: judgedAccuracy({ labels: [LABEL], judge: 60, pair: 70, evaluator: null, strata: STRATA }),
    window: { minutes: DAY, hasFixedStart: true, startOf: (minute: number) => minute - (minute % DAY), text: 'day' },
  };
  const periods = new Periods({
    reader: reader as Partial<Reader> as Reader,
    records: openRecords(db),
    creditsOf: () => [],
    write: async () => {},
  });
  const [, first] = await periods.of(objective as Partial<Objective> as Objective, DAY + 1, 2);
  expect(first).toMatchObject({ from: 0, to: DAY, state: 'provisional' });
  expect(first!.estimate.value).toBeCloseTo(0.95, 6);
});
