import type { Millis } from '../../model/time.ts';
import type { SinkContext } from '../../sinks/sink.ts';
import type { ConfiguredSink } from './dispatcher.ts';
import type { Ways } from './watched.ts';

/** What every sink is given, whatever is sent. */
export interface Surroundings {
  readonly secret: (reference: string) => Promise<string>;
  readonly deployment: string;
  readonly consoleUrl: () => string;
  readonly now: () => Millis;
}

export const contextOf = (
  { options }: ConfiguredSink,
  ways: Ways,
  { secret, deployment, consoleUrl, now }: Surroundings,
  warn: SinkContext<unknown>['warn'],
): SinkContext<unknown> => ({ options, ...ways, now, secret, deployment, consoleUrl: consoleUrl(), warn });
