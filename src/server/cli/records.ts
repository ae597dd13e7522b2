import { tellRefusal } from './refusal.ts';
import { Running, type RunningPlace } from './running.ts';

/** How commands about records of a running Plimsoll are called. */
export interface RecordOptions extends RunningPlace {
  readonly json: boolean;
}

/** So many of a list are shown. */
export const SHOWN_MAX = 10_000;

/**
 * Asks a running Plimsoll, and says what it answers: as JSON, or in words.
 * @returns exit status 0; 1: it refused, or could not be asked, and why is said
 */
export async function tellAnswer<T>(
  options: RecordOptions,
  ask: (running: Running) => Promise<T>,
  inWords: (answer: T) => string,
): Promise<number> {
  try {
    const answer = await ask(new Running(options));
    console.log(options.json ? JSON.stringify(answer) : inWords(answer));
    return 0;
  } catch (error) {
    tellRefusal(error, options.json);
    return 1;
  }
}
