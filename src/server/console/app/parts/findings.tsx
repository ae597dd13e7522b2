import type { ServiceJson } from '../api.ts';
import { wordsOf } from '../logic/format.ts';

/** What should not be so, each with what to do about it. */
export const FindingsList = ({ findings }: { findings: ServiceJson['findings'] }) => (
  <ul class="findings">
    {findings.map((finding) => (
      <li key={`${finding.kind} ${finding.detail}`}>
        <strong>{wordsOf(finding.kind)}</strong>
        <p>{finding.detail}</p>
      </li>
    ))}
  </ul>
);
