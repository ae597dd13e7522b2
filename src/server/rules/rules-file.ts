import { stringify } from 'yaml';
import type { RuleGroup } from './rule.ts';

const HEAD = `# Rules for Prometheus (2.42 and newer), written by plimsoll export rules. Write them again when objectives have changed.
# promtool check rules FILE`;

const plain = ({ comments: _, ...group }: RuleGroup): object => group;

export const rulesJson = (groups: readonly RuleGroup[]): string => JSON.stringify({ groups: groups.map(plain) });

/** As a file that Prometheus reads. */
export function rulesYaml(groups: readonly RuleGroup[]): string {
  const texts = groups.map((group) => {
    const lines = stringify([plain(group)], { lineWidth: 0 })
      .trimEnd()
      .split('\n');
    return [...group.comments.map((comment) => `# ${comment}`), ...lines].map((line) =>
      line === '' ? '' : `  ${line}`,
    );
  });
  return `${[HEAD, 'groups:', ...texts.flat()].join('\n')}\n`;
}
