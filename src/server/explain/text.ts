import { clip } from '../../model/plain-text.ts';
import type {
  AiSpanExplained,
  DroppedAttribute,
  Explanation,
  FieldExplained,
  LinkExplained,
  ServiceExplained,
} from './explanation.ts';
import { bold, dim, escaped, hanging, type Terminal, yellow } from './terminal.ts';

const INDENT = '  ';
const LABEL = 13;
const MAX_VALUE = 34;
const MAX_DROPPED = 8;

/** An explanation for people: every text out of telemetry is escaped, and no content is in it. */
export function explanationText(explanation: Explanation, terminal: Terminal): string {
  const { services, aiSpans, links, notShown } = explanation;
  return [
    summary(explanation),
    ...services.flatMap((one) => ['', ...service(one, terminal)]),
    ...aiSpans.flatMap((one) => ['', ...aiSpan(one, terminal)]),
    ...(links.length === 0
      ? []
      : ['', bold('Spans of no AI', terminal), ...links.flatMap((one) => link(one, terminal))]),
    ...(notShown === 0 ? [] : ['', `${counted(notShown, 'more span')}, counted below: --limit shows more`]),
    ...refused(explanation, terminal),
    ...outcome(explanation, terminal),
    ...needs(explanation, terminal),
  ].join('\n');
}

const counted = (n: number, what: string): string => `${n.toLocaleString('en-US')} ${what}${n === 1 ? '' : 's'}`;

function summary({ aiSpans, links, notShown, interactions, calls }: Explanation): string {
  const spans =
    notShown > 0
      ? `${counted(aiSpans.length + links.length + notShown, 'span')}`
      : `${counted(aiSpans.length, 'span')} of AI, ${links.length} of none`;
  return `${spans}: ${counted(interactions.length, 'interaction')} with ${counted(calls.length, 'call')}`;
}

function labelled(label: string, text: string, terminal: Terminal): string[] {
  const lines = hanging(`${INDENT}${label}`, text, LABEL + INDENT.length, terminal.columns);
  return lines.map((line) => line.replace(`${INDENT}${label} `, `${INDENT}${dim(label, terminal)} `));
}

function service({ name, namespace, environment, from, declaredAs }: ServiceExplained, terminal: Terminal): string[] {
  const given = (what: 'namespace' | 'environment'): string => escaped(from[what] ?? '');
  return [
    bold(`Service ${escaped(name)}`, terminal),
    ...labelled('name', from.name === null ? 'service.name is missing' : `by ${from.name}`, terminal),
    ...(namespace === null ? [] : labelled('namespace', `${escaped(namespace)}, by ${given('namespace')}`, terminal)),
    ...labelled(
      'environment',
      environment === null ? 'none is named' : `${escaped(environment)}, by ${given('environment')}`,
      terminal,
    ),
    ...labelled('declared', declaredAs === null ? 'by no file' : `as ${escaped(declaredAs)}`, terminal),
  ];
}

function aiSpan(span: AiSpanExplained, terminal: Terminal): string[] {
  const { dialect, marker, kind, alsoRecognised, scope, status, errorType, failedBy, weight, absent } = span;
  const others = alsoRecognised.map((one) => `${one.dialect} by ${one.marker} (${one.kind})`);
  const failed = `error, ${escaped(errorType ?? '')}: said by ${failedBy.join(', ')}`;
  return [
    bold(`Span ${span.spanId} ${escaped(clip(span.spanName, 60))}`, terminal),
    ...labelled('dialect', `${dialect}, by ${marker}: ${kind}`, terminal),
    ...(others.length === 0 ? [] : labelled('also there', `${others.join(', ')}; the first in order counts`, terminal)),
    ...labelled('library', escaped(`${scope.name || 'without a name'} ${scope.version ?? ''}`.trim()), terminal),
    ...labelled('trace', span.traceId, terminal),
    ...labelled('status', status === 'ok' ? 'ok' : failed, terminal),
    ...(weight === 1 ? [] : labelled('weight', `${weight}, by the tracestate`, terminal)),
    ...fields(span.fields, terminal),
    ...Object.entries(span.slices).flatMap(([dimension, value]) =>
      labelled(
        'slice',
        `${escaped(dimension)}: ${value === null ? 'its attribute is not there' : escaped(value)}`,
        terminal,
      ),
    ),
    // A step is glue: nothing of it is measured.
    ...(kind === 'step' || absent.length === 0 ? [] : labelled('absent', absent.join(', '), terminal)),
    ...(span.dropped.length === 0 ? [] : labelled('not kept', dropped(span.dropped), terminal)),
  ];
}

/** A row a field: its name, its value, and what gave it; behind that what stood there too. */
function fields(all: readonly FieldExplained[], terminal: Terminal): string[] {
  const rows = all.map((one) => ({ ...one, shown: shownValue(one) }));
  const names = Math.max(5, ...rows.map(({ field }) => field.length));
  const values = Math.max(5, ...rows.map(({ shown }) => shown.length));
  const indent = INDENT.length + names + values + 4;
  const head = `${INDENT}${'field'.padEnd(names)}  ${'value'.padEnd(values)}  from`;
  return [
    dim(head, terminal),
    ...rows.flatMap(({ field, shown, from, isHash, alsoThere }) => {
      const given = `${from}${isHash ? ' (content, hashed and dropped)' : ''}`;
      const also = alsoThere.map((one) => `also ${one.from}: ${shownValue({ ...one, field, isHash })}`);
      return [
        ...hanging(`${INDENT}${field.padEnd(names)}  ${shown.padEnd(values)}`, given, indent, terminal.columns),
        ...also.flatMap((text) => hanging('', text, indent, terminal.columns).map((line) => dim(line, terminal))),
      ];
    }),
  ];
}

/** Of what is kept as a hash only that; the rest cut short. */
function shownValue({ field, value, isHash }: Pick<FieldExplained, 'field' | 'value' | 'isHash'>): string {
  if (isHash) return '#…';
  if (field === 'responseId') return 'kept as a hash';
  return clip(escaped(typeof value === 'number' ? String(Number(value.toPrecision(12))) : value), MAX_VALUE);
}

function dropped(attributes: readonly DroppedAttribute[]): string {
  const shown = attributes.slice(0, MAX_DROPPED).map(({ key, size }) => `${escaped(clip(key, 60))} (${size})`);
  const more = attributes.length - shown.length;
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
}

function link({ spanId, spanName, spanKind, looksLikeAi }: LinkExplained, terminal: Terminal): string[] {
  const why = `no dialect's marker is on it, kept as a link for what it says of how others belong together`;
  const hint = `it has ${looksLikeAi.join(', ')} but no marker: set gen_ai.operation.name for it to be counted`;
  const text = `${escaped(clip(spanName, 60))} (${spanKind}): ${looksLikeAi.length === 0 ? why : hint}`;
  return hanging(`${INDENT}${spanId}`, text, INDENT.length + 18, terminal.columns);
}

function refused({ refused: all }: Explanation, terminal: Terminal): string[] {
  if (all.length === 0) return [];
  const lines = all.map(({ reason, count, example }) => `${counted(count, 'span')}: ${reason} (${escaped(example)})`);
  return [
    '',
    bold('Refused', terminal),
    ...lines.flatMap((line) => hanging('', line, INDENT.length, terminal.columns)),
  ];
}

function outcome({ interactions, calls }: Explanation, terminal: Terminal): string[] {
  if (interactions.length === 0)
    return ['', bold('Interactions', terminal), `${INDENT}none: no AI span among these is an exchange of its own`];
  const callsOf = Map.groupBy(calls, (call) => `${call['traceId']} ${call['interactionSpanId']}`);
  return [
    '',
    bold('Interactions', terminal),
    ...interactions.flatMap((one) => [
      ...hanging(`${INDENT}${one['spanId']}`, interactionText(one), INDENT.length + 18, terminal.columns),
      ...(callsOf.get(`${one['traceId']} ${one['spanId']}`) ?? []).flatMap((call) =>
        hanging(`${INDENT}${INDENT}${call['spanId']}`, callText(call), INDENT.length + 20, terminal.columns),
      ),
    ]),
  ];
}

type Row = Readonly<Record<string, unknown>>;

function interactionText(one: Row): string {
  const { service: name, operation, status, errorType, durationMs, responseModel, requestModel } = one;
  const model = responseModel ?? requestModel ?? 'no model';
  return listed([name, operation, outcomeText(status, errorType), `${durationMs} ms`, model, tokensText(one)]);
}

function callText(call: Row): string {
  const { kind, name, provider, model, status, errorType, durationMs } = call;
  return listed([
    `${kind} ${name ?? model ?? ''}`.trim(),
    provider,
    outcomeText(status, errorType),
    `${durationMs} ms`,
    tokensText(call),
  ]);
}

const listed = (parts: readonly unknown[]): string =>
  parts.flatMap((part) => (part === null || part === undefined ? [] : [escaped(String(part))])).join(', ');
const outcomeText = (status: unknown, errorType: unknown): string =>
  status === 'ok' ? 'ok' : `error ${errorType ?? ''}`;
const tokensText = ({ inputTokens, outputTokens }: Row): string | null =>
  inputTokens === null && outputTokens === null ? null : `${inputTokens ?? '?'} + ${outputTokens ?? '?'} tokens`;

function needs({ needs: all, services }: Explanation, terminal: Terminal): string[] {
  if (all.length === 0) return [];
  const width = Math.max(...all.map(({ need }) => need.length));
  const indent = INDENT.length + width + 2 + 9;
  const ofService = Map.groupBy(all, ({ service: name }) => name);
  return [...ofService].flatMap(([name, ones]) => [
    '',
    bold(services.length > 1 ? `What can be measured of ${escaped(name)}` : 'What can be measured', terminal),
    ...ones.flatMap(({ need, status, detail, remedies }) => [
      ...hanging(`${INDENT}${need.padEnd(width)}  ${status}`, escaped(detail), indent, terminal.columns).map((line) =>
        status === 'ok' ? line : line.replace(`  ${status}`, `  ${yellow(status, terminal)}`),
      ),
      ...remedies.flatMap((remedy) =>
        hanging(`${INDENT}${INDENT}→`, escaped(remedy), INDENT.length * 2 + 2, terminal.columns),
      ),
    ]),
  ]);
}
