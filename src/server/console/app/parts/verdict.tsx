import type { JSX } from 'preact';
import { type Verdict, verdictWord } from '../logic/verdict.ts';

/** One shape each, so that no verdict is told by colour alone: afloat, warning, sunk, unknown. */
const SHAPES: Readonly<Record<Verdict, JSX.Element>> = {
  met: (
    <>
      <circle cx="10" cy="10" r="6.5" class="ring" />
      <path d="M1 10h18" class="stroke" />
    </>
  ),
  at_risk: <path d="M10 2.5 18.5 17h-17zM10 8v4M10 14v1" class="outline" />,
  breached: (
    <>
      <path d="M6.3 1.5h7.4l5 5v7l-5 5H6.3l-5-5v-7z" class="solid" />
      <path d="m6.8 6.8 6.4 6.4m0-6.4-6.4 6.4" class="cross" />
    </>
  ),
  insufficient_evidence: (
    <>
      <circle cx="10" cy="10" r="8" class="dashed" />
      <path d="M7.8 8a2.2 2.2 0 1 1 3.2 2c-.7.4-1 .8-1 1.6M10 13.6v1" class="stroke" />
    </>
  ),
};

export function VerdictMark({ verdict }: { verdict: Verdict }) {
  return (
    <svg class={`verdict-mark ${verdict}`} viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
      {SHAPES[verdict]}
    </svg>
  );
}

export function VerdictTag({ verdict }: { verdict: Verdict }) {
  return (
    <span class={`verdict ${verdict}`}>
      <VerdictMark verdict={verdict} />
      {verdictWord(verdict)}
    </span>
  );
}
