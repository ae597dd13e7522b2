import type { AnyExperiment } from '../experiment.ts';
import { tableA } from './a.ts';
import { tableB } from './b.ts';
import { tableC } from './c.ts';
import { tableD } from './d.ts';
import { tableE } from './e.ts';
import { tableF } from './f.ts';
import { tableG } from './g.ts';
import { tableH } from './h.ts';
import { tableI } from './i.ts';
import { tableJ } from './j.ts';
import { tableK } from './k.ts';

/** Plimsoll's statistical specification, operating characteristics: its tables by their letters. */
export const EXPERIMENTS: readonly AnyExperiment[] = [
  tableA,
  tableB,
  tableC,
  tableD,
  tableE,
  tableF,
  tableG,
  tableH,
  tableI,
  tableJ,
  tableK,
];

export const experimentOf = (letter: string): AnyExperiment | undefined =>
  EXPERIMENTS.find((one) => one.letter === letter);
