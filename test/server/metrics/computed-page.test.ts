import { expect, it } from 'vitest';
import { FAMILIES } from '../../../src/server/metrics/catalogue.ts';
import type { Computed } from '../../../src/server/metrics/computed.ts';
import { ComputedPage } from '../../../src/server/metrics/computed-page.ts';
import { SeriesTable } from '../../../src/server/metrics/series-table.ts';
import { parseExposition, sampleValue } from './exposition.ts';

const nothing = (horizon: number): Computed => ({
  deployment: 'plimsoll',
  readings: [],
  incidents: [],
  services: [],
  lastHours: [],
  dependencies: [],
  changes: [],
  deployments: [],
  changeFailures: [],
  callCoverages: [],
  horizon,
  now: 0,
});
const newPage = (): ComputedPage => new ComputedPage(new SeriesTable(FAMILIES, () => {}));
const textOf = async (page: ComputedPage): Promise<string> => Buffer.concat(await page.pieces()).toString();
const horizonOf = async (page: ComputedPage): Promise<number> =>
  sampleValue(await textOf(page), 'plimsoll_judged_through_timestamp_seconds') / 60 - 1;
/** Long enough for everything that waits for nothing from outside. */
const settled = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await new Promise((done) => setImmediate(done));
};

it('is made when somebody asks, once a tick; behind the tick as soon as somebody has', async () => {
  const page = newPage();
  let made = 0;
  const source = (horizon: number) => async (): Promise<Computed> => {
    made++;
    return nothing(horizon);
  };
  expect(await textOf(page)).toBe('');
  page.forget();
  for (let i = 0; i < 10; i++) page.replace(source(i));
  await settled();
  expect(made).toBeLessThanOrEqual(5);
  made = 0;
  page.replace(source(10));
  await settled();
  expect(made).toBe(0);
  expect(await horizonOf(page)).toBe(10);
  expect(await horizonOf(page)).toBe(10);
  expect(made).toBe(1);
  page.replace(source(11));
  await settled();
  expect(made).toBe(2);
  expect(await horizonOf(page)).toBe(11);
  expect(made).toBe(2);
});

it('of a tick that another one has overtaken nothing is shown', async () => {
  const page = newPage();
  let goOn: (computed: Computed) => void = () => {};
  page.replace(() => new Promise((resolve) => (goOn = resolve)));
  const asked = horizonOf(page);
  await settled();
  page.replace(async () => nothing(2));
  goOn(nothing(1));
  expect(await asked).toBe(2);
});

it('what was forgotten while it was made is not shown', async () => {
  const page = newPage();
  let goOn: (computed: Computed) => void = () => {};
  page.replace(() => new Promise((resolve) => (goOn = resolve)));
  const asked = textOf(page);
  await settled();
  page.forget();
  goOn(nothing(1));
  expect(await asked).toBe('');
});

it('a failure is of those who asked; the next one tries again', async () => {
  const page = newPage();
  let fails = true;
  page.replace(async () => {
    if (fails) throw new Error('the store is closed');
    return nothing(3);
  });
  await expect(textOf(page)).rejects.toThrow('the store is closed');
  fails = false;
  expect(await horizonOf(page)).toBe(3);
});

it('of a thousand services each shows its open incidents, and which share of its changes went wrong', async () => {
  const refused: string[] = [];
  const page = new ComputedPage(new SeriesTable(FAMILIES, (family) => refused.push(family)));
  const services = Array.from({ length: 1000 }, (_, i) => ({ service: `bot-${i}`, environment: 'production' }));
  const changeFailures = services.map((labels) => ({ ...labels, n: 4, failed: 1 }));
  page.replace(async () => ({ ...nothing(1), services, changeFailures }));
  const { samples } = parseExposition(await textOf(page));
  const shown = samples.filter(({ name }) => name === 'plimsoll_change_failure_ratio');
  expect(shown.map(({ labels, value }) => [labels, value])).toEqual(services.map((labels) => [labels, 0.25]));
  expect(refused).toEqual([]);
});
