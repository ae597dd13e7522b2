import { Failed } from '../../sinks/steps.ts';
import { readSetting, writeSetting } from '../../store/records/settings.ts';
import { contextOf, type Surroundings } from './contexts.ts';
import type { ConfiguredSink } from './dispatcher.ts';
import type { ErrandOptions } from './errand.ts';
import { tellBeside } from './notices.ts';
import type { Ways } from './watched.ts';

/** What a destination says of the support groups that it would take without a word. */
export type GroupCheck =
  | { readonly kind: 'asked'; readonly unknown: readonly string[] }
  /** `isFinal`: it would say the same in a minute. */
  | { readonly kind: 'failed'; readonly reason: string; readonly isFinal: boolean };

/** @returns null: it takes no groups, or tells of those that it does not know */
export async function checkGroups(
  sink: ConfiguredSink,
  groups: readonly string[],
  ways: Ways,
  surroundings: Surroundings,
  warn: (code: string, text: string) => void,
): Promise<GroupCheck | null> {
  const { unknownGroups } = sink.sink;
  if (unknownGroups === undefined) return null;
  try {
    return { kind: 'asked', unknown: await unknownGroups(groups, contextOf(sink, ways, surroundings, warn)) };
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    return { kind: 'failed', reason: error.outcome.reason, isFinal: error.outcome.kind === 'permanent' };
  }
}

export const unknownGroupText = (group: string): string =>
  `${group} is the sys_id of no group that can be seen there: incidents of services with this supportGroup would be assigned to nobody`;

/** Asks each destination once about the support groups of a configuration, and tells people by another one what it does not know. */
export async function askForGroups(options: ErrandOptions): Promise<void> {
  const { sinks, records, write, supportGroups, log, ways, deployment, now, consoleUrl } = options;
  const groups = [...new Set(supportGroups())].sort();
  for (const sink of sinks()) {
    if (sink.sink.unknownGroups === undefined) continue;
    const name = `groups asked for: ${sink.name}`;
    const asked = JSON.stringify(groups);
    if ((await readSetting<string>(records, name)) === asked) continue;
    const warn = (code: string, text: string): void => log.warn({ sink: sink.name, code }, text);
    const check = (await checkGroups(sink, groups, ways(), options, warn))!;
    if (check.kind === 'failed') {
      log.warn({ sink: sink.name, reason: check.reason }, 'a destination can not be asked for its support groups');
      if (!check.isFinal) continue;
    } else if (check.unknown.length > 0) {
      const text = check.unknown.map(unknownGroupText).join('\n');
      log.error({ sink: sink.name, groups: check.unknown }, 'a destination does not know support groups');
      await tellBeside(
        sink.name,
        {
          deliveryId: `plimsoll-${deployment}-groups-${sink.name}-${now()}`,
          about: `groups-${sink.name}`,
          at: now(),
          title: `${sink.name} does not know a support group`,
          text: `${text}\nWhat to do: correct supportGroup in the files of these services.`,
          url: `${consoleUrl()}/deliveries`,
        },
        options,
      );
    }
    await write([writeSetting(records, name, asked)]);
  }
}
