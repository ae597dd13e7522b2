import { map } from '../config/document.ts';
import { date, httpUrl, list, maybe, refuse, text } from '../config/fields.ts';

/** A model that its provider stops to offer, or has stopped to. */
export interface Retirement {
  /** As telemetry names it: `openai`, `gcp.gemini`; or as a file does. */
  readonly provider: string;
  /** Its whole name: `gpt-4o` is not `gpt-4o-2024-08-06`. */
  readonly model: string;
  /** The day (UTC) on which it ends, like 2027-01-14. */
  readonly endsOn: string;
  /** Where it was read; null: nothing is said. */
  readonly source: string | null;
  /** The day on which it was read there; null: it is an entry of one's own. */
  readonly readOn: string | null;
}

/** Entries of one's own: they win over those that providers have published. */
export const modelRetirements = list(
  map({ provider: text, model: text, endsOn: date, source: maybe(httpUrl) }).transform(
    (one): Retirement => ({ ...one, readOn: null }),
  ),
).superRefine((entries, context) => {
  const keys = entries.map(({ provider, model }) => JSON.stringify([provider.toLowerCase(), model]));
  for (const [i, key] of keys.entries())
    if (keys.indexOf(key) !== i)
      refuse(context, `a second end of ${entries[i]!.provider} ${entries[i]!.model}`, {}, [i]);
});
