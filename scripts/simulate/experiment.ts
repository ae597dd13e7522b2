import type { Random } from './random.ts';

/** What one replicate measured: numbers in an order that its table knows; Infinity is "not within the horizon". */
export type Sample = readonly number[];

/** All replicates of one setting, in their order. */
export interface Measured<Cell> {
  readonly cell: Cell;
  readonly samples: readonly Sample[];
}

/** One printed table. */
export interface Sheet {
  readonly caption: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface Report {
  readonly sheets: readonly Sheet[];
  /** Cells that are worse than the goal, each as a sentence. */
  readonly misses: readonly string[];
}

/** How thoroughly: the full run, or a tenth of its replicates. */
export type Size = 'full' | 'quick';

/** One table of operating characteristics: settings, what one replicate of a setting does, and what is said of all of them. */
export interface Experiment<Cell> {
  readonly letter: string;
  readonly title: string;
  readonly cells: readonly Cell[];
  /** Replicates of a setting in the full run. */
  readonly replicates: (cell: Cell) => number;
  /** Of the tenth of them that a quick run has, as many at least; by default what a median needs. */
  readonly quickLeast?: number;
  readonly replicate: (cell: Cell, random: Random, index: number) => Sample;
  readonly report: (measured: readonly Measured<Cell>[]) => Report;
}

/** An experiment whatever its settings are: its cells go into its own functions only. */
// biome-ignore lint/suspicious/noExplicitAny: a list of experiments has one settings type each
export type AnyExperiment = Experiment<any>;

const QUICK_PART = 10;
const QUICK_LEAST = 20;

export const replicatesOf = <Cell>(experiment: Experiment<Cell>, cell: Cell, size: Size): number => {
  const full = experiment.replicates(cell);
  return size === 'full'
    ? full
    : Math.min(full, Math.max(experiment.quickLeast ?? QUICK_LEAST, Math.ceil(full / QUICK_PART)));
};
