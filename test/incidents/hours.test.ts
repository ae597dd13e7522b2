import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import { ALWAYS, hoursOf } from '../../src/incidents/hours.ts';
import { type Schedule, schedule, WEEKDAYS } from '../../src/model/config/schedule.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const made = (timeZone: string, weekly: readonly object[], holidays: readonly string[] = []): Schedule =>
  schedule.parse({ name: 'office', timeZone, weekly, holidays });
const OFFICE = made('Europe/Berlin', [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '09:00', to: '17:00' }]);
const berlin = (local: string): number => Temporal.ZonedDateTime.from(`${local}[Europe/Berlin]`).epochMilliseconds;
const inBerlin = (at: number): string =>
  Temporal.Instant.fromEpochMilliseconds(at)
    .toZonedDateTimeISO('Europe/Berlin')
    .toPlainDateTime()
    .toString({ smallestUnit: 'minute' });

describe('published vectors: Monday to Friday, 09 to 17 in Berlin', () => {
  const hours = hoursOf(OFFICE);
  it.each([
    // 2026-11-20 is a Friday.
    ['8 h', '2026-11-20T15:00', 8 * HOUR, '2026-11-23T15:00'],
    ['a day is 24 h of the schedule', '2026-11-20T15:00', DAY, '2026-11-25T15:00'],
    ['to the minute it closes', '2026-11-23T09:00', 8 * HOUR, '2026-11-23T17:00'],
    ['from a closed time on', '2026-11-21T12:00', HOUR, '2026-11-23T10:00'],
    ['over the beginning of summer time', '2026-03-27T16:00', 2 * HOUR, '2026-03-30T10:00'],
    ['over the end of summer time', '2026-10-23T16:00', 2 * HOUR, '2026-10-26T10:00'],
  ])('%s from %s', (_what, from, ms, to) => {
    expect(inBerlin(hours.add(berlin(from), ms))).toBe(to);
    expect(hours.between(berlin(from), berlin(to))).toBe(ms);
  });

  it('a holiday is closed', () => {
    const { spans, ...rest } = OFFICE;
    const withHoliday = hoursOf({ ...rest, spans, holidays: ['2026-11-23'] });
    expect(inBerlin(withHoliday.add(berlin('2026-11-20T15:00'), 8 * HOUR))).toBe('2026-11-24T15:00');
    expect(inBerlin(withHoliday.opening(berlin('2026-11-20T17:00')))).toBe('2026-11-24T09:00');
  });

  it('without a schedule 24 h are 24 h, whatever clocks do', () => {
    expect(inBerlin(ALWAYS.add(berlin('2026-03-28T12:00'), DAY))).toBe('2026-03-29T13:00');
  });

  it('is open from the minute it opens until before the minute it closes', () => {
    const asked = ['2026-11-20T08:59', '2026-11-20T09:00', '2026-11-20T16:59', '2026-11-20T17:00'];
    expect(asked.map((at) => hours.isOpen(berlin(at)))).toEqual([false, true, true, false]);
  });
});

describe('when clocks are changed', () => {
  const sundays = (from: string, to: string) => hoursOf(made('Europe/Berlin', [{ days: ['sun'], from, to }]));
  const spring = [berlin('2026-03-29T00:00'), berlin('2026-03-30T00:00')] as const;
  const autumn = [berlin('2026-10-25T00:00'), berlin('2026-10-26T00:00')] as const;

  it.each([
    ['a whole day', '00:00', '24:00', 23, 25],
    ['around the change', '01:00', '04:00', 2, 4],
    ['inside of what is left out, or shown twice', '02:00', '03:00', 0, 2],
    ['into it', '01:00', '02:30', 1, 1.5],
    ['out of it', '02:30', '04:00', 1, 2.5],
    ['beside it', '03:00', '05:00', 2, 2],
  ])('%s, %s to %s', (_what, from, to, inSpring, inAutumn) => {
    const hours = sundays(from, to);
    expect(hours.between(...spring) / HOUR).toBe(inSpring);
    expect(hours.between(...autumn) / HOUR).toBe(inAutumn);
  });

  it('spans that touch have no time between them, and none twice', () => {
    const parts = hoursOf(
      made('Europe/Berlin', [
        { days: ['sun'], from: '00:00', to: '02:30' },
        { days: ['sun'], from: '02:30', to: '24:00' },
      ]),
    );
    expect(parts.between(...spring)).toBe(23 * HOUR);
    expect(parts.between(...autumn)).toBe(25 * HOUR);
  });

  it('a day that a zone left out has no hours, and one without a midnight begins later', () => {
    const everyDay = (zone: string) => hoursOf(made(zone, [{ days: [...WEEKDAYS], from: '00:00', to: '24:00' }]));
    const at = (text: string) => Temporal.Instant.from(text).epochMilliseconds;
    // Samoa went from 29 to 31 December 2011; all time is in some day all the same.
    expect(everyDay('Pacific/Apia').between(at('2011-12-28T00:00Z'), at('2012-01-02T00:00Z'))).toBe(5 * DAY);
    // In Beirut summer time begins at midnight.
    expect(everyDay('Asia/Beirut').between(at('2026-03-27T00:00Z'), at('2026-03-31T00:00Z'))).toBe(4 * DAY);
  });
});

describe('laws', () => {
  const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'America/Santiago'];
  const span = fc
    .record({
      days: fc.subarray([...WEEKDAYS], { minLength: 1 }),
      from: fc.integer({ min: 0, max: 23 }),
      length: fc.integer({ min: 1, max: 24 }),
    })
    .map(({ days, from, length }) => {
      const clock = (hour: number): string => `${String(hour).padStart(2, '0')}:00`;
      return { days, from: clock(from), to: clock(Math.min(24, from + length)) };
    });
  const schedules = fc
    .record({
      name: fc.constant('made'),
      timeZone: fc.constantFrom(...ZONES),
      weekly: fc.array(span, { minLength: 1, maxLength: 3 }),
      holidays: fc.subarray(['2026-03-28', '2026-03-30', '2026-10-26', '2026-11-02']),
    })
    .map((written) => schedule.safeParse(written))
    .filter((parsed) => parsed.success)
    .map((parsed) => parsed.data!);
  /** Around the days on which clocks are changed, and between. */
  const instants = fc
    .tuple(
      fc.constantFrom('2026-03-08', '2026-03-29', '2026-04-05', '2026-06-15', '2026-09-06', '2026-10-25', '2026-11-01'),
      fc.integer({ min: -3 * DAY, max: 3 * DAY }),
    )
    .map(([date, offset]) => Date.parse(date) + offset);
  const lengths = fc.integer({ min: 1, max: 60 * HOUR });

  it('adding is monotone and additive, and between is its inverse', () => {
    fc.assert(
      fc.property(schedules, instants, instants, lengths, lengths, (written, a, b, x, y) => {
        const hours = hoursOf(written);
        const [early, late] = a < b ? [a, b] : [b, a];
        expect(hours.add(early, x)).toBeLessThanOrEqual(hours.add(late, x));
        expect(hours.add(a, x)).toBeLessThan(hours.add(a, x + y));
        expect(hours.add(hours.add(a, x), y)).toBe(hours.add(a, x + y));
        expect(hours.between(a, hours.add(a, x))).toBe(x);
        const middle = early + Math.floor((late - early) / 3);
        expect(hours.between(early, middle) + hours.between(middle, late)).toBe(hours.between(early, late));
      }),
      { numRuns: 300 },
    );
  });

  it('what is added ends in open time, as clocks in the zone show it', () => {
    fc.assert(
      fc.property(schedules, instants, lengths, (written, from, ms) => {
        const end = hoursOf(written).add(from, ms);
        // The instant before the end is inside: at the end itself it may just have closed.
        const shown = Temporal.Instant.fromEpochMilliseconds(end - 1).toZonedDateTimeISO(written.timeZone);
        const minutes = shown.hour * 60 + shown.minute;
        expect(written.holidays).not.toContain(shown.toPlainDate().toString());
        const isInside = written.spans.some(
          (one) => one.day === shown.dayOfWeek - 1 && one.from <= minutes && minutes < one.to,
        );
        // A span that begins within an hour that is shown twice goes on through the second showing of what lies before.
        const isTwice = shown.hoursInDay > 24;
        expect(isInside || isTwice).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a schedule that is written wrong', () => {
  const problem = (weekly: readonly object[]): string => {
    const parsed = schedule.safeParse({ name: 'office', timeZone: 'Europe/Berlin', weekly });
    return parsed.success ? '' : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join();
  };
  it.each([
    [
      [
        { days: ['mon'], from: '09:00', to: '12:00' },
        { days: ['mon', 'tue'], from: '11:00', to: '17:00' },
      ],
      'overlaps',
    ],
    // One that goes beyond midnight, and the next day.
    [
      [
        { days: ['mon'], from: '22:00', to: '06:00' },
        { days: ['tue'], from: '05:00', to: '09:00' },
      ],
      'tue 00:00-06:00',
    ],
    [[{ days: ['mon'], from: '9:00', to: '12:00' }], 'expected a time of the day'],
    [[{ days: ['mon'], from: '09:00', to: '25:00' }], 'expected a time of the day'],
    [[{ days: ['mon'], from: '09:00', to: '09:00' }], 'a time that is open'],
    [[{ days: [], from: '09:00', to: '10:00' }], 'one day or more'],
    [[], 'one time of the week or more'],
  ])('%j', (weekly, message) => {
    expect(problem(weekly)).toContain(message);
  });

  it('what goes beyond midnight is of two days', () => {
    const night = made('Europe/Berlin', [{ days: ['sun'], from: '22:00', to: '06:00' }]);
    expect(night.spans).toEqual([
      { day: 0, from: 0, to: 360 },
      { day: 6, from: 1320, to: 1440 },
    ]);
  });
});
