import { agoText, localText, utcText } from '../logic/format.ts';
import { useNow } from './now.ts';

/** A moment, as it is here; in UTC for whoever points at it. */
export function Moment({ at }: { at: string }) {
  const now = useNow();
  const moment = Date.parse(at);
  return (
    <time dateTime={at} title={utcText(moment)}>
      {localText(moment, now)}
    </time>
  );
}

/** How long ago. */
export function Ago({ at }: { at: string }) {
  const now = useNow();
  const moment = Date.parse(at);
  return (
    <time dateTime={at} title={utcText(moment)}>
      {agoText(moment, now)}
    </time>
  );
}

/** Both, one below the other: for pages on which times are compared with other tools. */
export function BothTimes({ at }: { at: string }) {
  const now = useNow();
  const moment = Date.parse(at);
  return (
    <time dateTime={at} class="both-times">
      <span>{localText(moment, now)}</span> <span class="utc">{utcText(moment)}</span>
    </time>
  );
}
