import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';

type Property = dashboard.DynamicConfigValue;

/**
 * Four verdicts, four looks, the same on every panel; from the colours of Okabe and Ito, which people who see colours
 * differently can tell apart. Grey is "nothing to see". Lines that are no verdict have colours of their own, never green.
 */
export const COLOURS = {
  met: '#009E73',
  atRisk: '#E69F00',
  breached: '#D55E00',
  notDecidable: '#0072B2',
  nothing: '#8c8c8c',
  line: '#56B4E9',
  otherLine: '#CC79A7',
} as const;

/** The verdicts as metrics name them, in words for people (`plain`: who don't run services), and the number that each has inside of a timeline. */
export const VERDICT_LOOKS = [
  { verdict: 'met', text: 'met', plain: 'All right', colour: COLOURS.met, number: 1 },
  { verdict: 'at_risk', text: 'at risk', plain: 'Keep an eye on it', colour: COLOURS.atRisk, number: 2 },
  { verdict: 'breached', text: 'breached', plain: 'Not all right', colour: COLOURS.breached, number: 3 },
  {
    verdict: 'insufficient_evidence',
    text: 'not decidable',
    plain: 'We cannot tell yet',
    colour: COLOURS.notDecidable,
    number: 4,
  },
] as const;

/** Numbers of verdicts as words. */
export function verdictWords(words: 'text' | 'plain'): dashboard.ValueMapping[] {
  const options = Object.fromEntries(
    VERDICT_LOOKS.map(({ colour, number, ...look }, index) => [number, { text: look[words], color: colour, index }]),
  );
  return [{ type: dashboard.MappingType.ValueToText, options }];
}

/** 1 and 0 as words; 0 is the one to look at. */
export const yesOrNo = (yes: string, no: string): dashboard.ValueMapping[] => [
  {
    type: dashboard.MappingType.ValueToText,
    options: {
      0: { text: no, color: COLOURS.breached, index: 1 },
      1: { text: yes, color: COLOURS.line, index: 0 },
    },
  },
];

/** @param steps  from minus infinity (null) upward */
export const thresholds = (...steps: [number | null, string][]): dashboard.ThresholdsConfigBuilder =>
  new dashboard.ThresholdsConfigBuilder()
    .mode(dashboard.ThresholdsMode.Absolute)
    .steps(steps.map(([value, color]) => ({ value, color })));

export const byThreshold = (): dashboard.FieldColorBuilder =>
  new dashboard.FieldColorBuilder().mode(dashboard.FieldColorModeId.Thresholds);

export const oneColour = (colour: string): dashboard.FieldColorBuilder =>
  new dashboard.FieldColorBuilder().mode(dashboard.FieldColorModeId.Fixed).fixedColor(colour);

/** The first series in this colour, the others in lighter and darker ones of it: told apart, and none looks like a verdict. */
export const shadesOf = (colour: string): dashboard.FieldColorBuilder =>
  new dashboard.FieldColorBuilder().mode(dashboard.FieldColorModeId.Shades).fixedColor(colour);

/** Of one series. */
export const coloured = (fixedColor: string): Property[] => [{ id: 'color', value: { mode: 'fixed', fixedColor } }];
export const named = (displayName: string): Property[] => [{ id: 'displayName', value: displayName }];

/** Of one series that counts: grey while it is 0. */
export const colouredFromOne = (color: string): Property[] => [
  { id: 'color', value: { mode: 'thresholds' } },
  {
    id: 'thresholds',
    value: {
      mode: 'absolute',
      steps: [
        { value: null, color: COLOURS.nothing },
        { value: 1, color },
      ],
    },
  },
];

export const dashed = (colour: string): Property[] => [
  ...coloured(colour),
  { id: 'custom.lineStyle', value: { fill: 'dash', dash: [8, 8] } },
  { id: 'custom.lineWidth', value: 1 },
];
