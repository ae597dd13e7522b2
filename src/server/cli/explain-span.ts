import { dialects } from '../../../collectors/dialects/index.ts';
import { MalformedBody, type TimeWindow } from '../../../collectors/otlp/index.ts';
import { Catalog } from '../../catalog/catalog.ts';
import { OperatorError } from '../../model/errors.ts';
import { Explainer } from '../explain/explainer.ts';
import type { Explanation } from '../explain/explanation.ts';
import { readInput, requestsIn, unreadableProtobuf } from '../explain/input.ts';
import { escapedJson, type Terminal } from '../explain/terminal.ts';
import { explanationText } from '../explain/text.ts';
import type { Configuration } from '../plimsoll.ts';

export interface ExplainSpanOptions {
  readonly configuration: Configuration;
  /** `-`: standard input. */
  readonly file: string;
  readonly json: boolean;
  readonly service?: string;
  /** Spans explained one by one, of AI and others. */
  readonly limit: number;
}

/** A recording is of any time. */
const ANY_TIME: TimeWindow = { now: Number.MAX_SAFE_INTEGER, retention: Number.POSITIVE_INFINITY };
const NARROW = 80;
const WIDE = 120;

/** 0: explained. 1: it can't be read. 2: there is no AI span in it. */
export function explainSpanCommand({ configuration, file, json, service, limit }: ExplainSpanOptions): number {
  const explainer = new Explainer({ dialects, catalog: new Catalog(configuration.services) });
  try {
    const requests = requestsIn(readInput(file), file);
    const filter = { limit, ...(service !== undefined && { service }) };
    const explanation = explainer.explain(requests, ANY_TIME, filter);
    console.log(shown(explanation, json));
    return explanation.aiSpans.length === 0 ? 2 : 0;
  } catch (error) {
    const known = error instanceof MalformedBody ? unreadableProtobuf(file, error) : error;
    if (!(known instanceof OperatorError)) throw error;
    const { code, what, fix } = known;
    if (json) console.log(escapedJson(JSON.stringify({ error: { code, what, fix } })));
    else console.error(known.message);
    return 1;
  }
}

/** One line of JSON, or text as wide as the terminal, within limits. */
export const shown = (explanation: Explanation, json: boolean): string =>
  json ? escapedJson(JSON.stringify(explanation)) : explanationText(explanation, terminal());

function terminal(): Terminal {
  const { isTTY, columns } = process.stdout;
  const width = isTTY === true ? columns : Number(process.env['COLUMNS'] ?? WIDE);
  const noColour = process.env['NO_COLOR'] ?? '';
  return { columns: Math.min(WIDE, Math.max(NARROW, width || WIDE)), hasColour: isTTY === true && noColour === '' };
}
