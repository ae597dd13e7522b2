import type { Code, Dictionary } from '../model/dictionary.ts';
import { directionBinKey, directionKey } from '../model/names.ts';
import { DIRECTION_SEED, DIRECTIONS } from '../tally/embedding-sketch.ts';
import { SCORE_KEYS } from '../tally/feature-bins.ts';

/** The codes of a direction, and of its parts from one end to the other. */
export interface DirectionCodes {
  readonly direction: Code;
  readonly bins: readonly Code[];
}

/** Those of all directions that embeddings of a model are looked at from. */
export const directionCodes = (dictionary: Dictionary, model: string): DirectionCodes[] =>
  Array.from({ length: DIRECTIONS }, (_, k) => ({
    direction: dictionary.code(directionKey(model, DIRECTION_SEED, k)),
    bins: Array.from({ length: SCORE_KEYS }, (_, bin) =>
      dictionary.code(directionBinKey(model, DIRECTION_SEED, k, bin)),
    ),
  }));
