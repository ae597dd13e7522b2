import type { CloseCode, HoldReason, Incident, IncidentState, Transition, Weight } from '../../model/incident.ts';
import { plainText } from '../../model/plain-text.ts';
import { closeText, openingText } from '../ticket-text.ts';

/** Values of the choice list of `incident.state`. */
const STATES: Readonly<Record<IncidentState, string>> = {
  new: '1',
  in_progress: '2',
  on_hold: '3',
  resolved: '6',
  closed: '7',
  cancelled: '8',
};
/** `incident.hold_reason`; it knows none for evidence that is still coming: who rates is a caller. */
export const HOLD_REASONS: Readonly<Record<HoldReason, string>> = {
  awaiting_caller: '1',
  awaiting_problem: '3',
  awaiting_vendor: '4',
  awaiting_change: '5',
  awaiting_evidence: '1',
};
const CLOSE_CODES: Readonly<Record<CloseCode, string>> = {
  recovered_automatically: 'Solution provided',
  duplicate: 'Duplicate',
  known_error: 'Known error',
  no_resolution: 'No resolution provided',
  resolved_by_caller: 'Resolved by caller',
  resolved_by_change: 'Resolved by change',
  resolved_by_problem: 'Resolved by problem',
  resolved_by_request: 'Resolved by request',
  solution_provided: 'Solution provided',
  workaround_provided: 'Workaround provided',
  user_error: 'User error',
};

const OVER: ReadonlySet<string> = new Set([STATES.resolved, STATES.closed, STATES.cancelled]);
const FINAL: ReadonlySet<string> = new Set([STATES.closed, STATES.cancelled]);
export const isOver = (state: string): boolean => OVER.has(state);
export const isFinal = (state: string): boolean => FINAL.has(state);

/** All values are strings. */
export type Fields = Readonly<Record<string, string>>;

/** Of what people may change as well: what we said last. */
export interface Told {
  readonly state: string;
  readonly hold: HoldReason | null;
  readonly impact: Weight;
  readonly urgency: Weight;
  /** Whom people have given it to there, as far as they have told. */
  readonly assigned?: string;
}

export const toldOf = ({ state, hold, impact, urgency }: Incident): Told => ({
  state: STATES[state],
  hold: hold?.reason ?? null,
  impact,
  urgency,
});

/** What a new record says, whatever the incident's state is by now. */
export const openingOf = (incident: Incident): Told => ({ ...toldOf(incident), state: STATES.new, hold: null });

export const SYS_ID = /^[0-9a-f]{32}$/;

export const openingFields = (incident: Incident, consoleUrl: string): Fields => {
  const [, category = 'ai', subcategory = ''] = /^([^.]*)\.([^.]*)/.exec(plainText(incident.category)) ?? [];
  return {
    short_description: withoutMarkup(plainText(incident.title, 160)),
    description: withoutMarkup(openingText(incident, consoleUrl)),
    contact_type: 'event',
    category,
    ...(subcategory === '' ? {} : { subcategory }),
    impact: `${incident.impact}`,
    urgency: `${incident.urgency}`,
    ...(SYS_ID.test(incident.supportGroup ?? '') ? { assignment_group: incident.supportGroup! } : {}),
  };
};

/** They say how things stand whatever was said before: people may have done the opposite in the meantime. */
const MOVES_IT: ReadonlySet<Transition> = new Set(['resolved', 'reopened', 'closed']);

/** What differs from what we said last, as fields. Where people have ended it, only an incident that is reopened begins it again. */
export function changedFields(incident: Incident, told: Told, there: string | null, transition: Transition): Fields {
  const now = toldOf(incident);
  const isReopened = transition === 'reopened';
  const isMoved = now.state !== told.state || now.hold !== told.hold || MOVES_IT.has(transition);
  const mayMove =
    there === null || there === told.state || !isOver(there) || (!isFinal(there) && (isOver(now.state) || isReopened));
  const moves = isMoved && mayMove && (there !== now.state || now.hold !== told.hold);
  return {
    ...(now.impact === told.impact ? {} : { impact: `${now.impact}` }),
    ...(now.urgency === told.urgency ? {} : { urgency: `${now.urgency}` }),
    ...(moves ? { state: now.state, ...reasonFields(incident) } : {}),
  };
}

/** What ServiceNow wants to know with a state: without it a data policy refuses the change (403). */
function reasonFields(incident: Incident): Fields {
  if (incident.state === 'on_hold') return { hold_reason: HOLD_REASONS[incident.hold?.reason ?? 'awaiting_caller'] };
  if (!isOver(STATES[incident.state])) return {};
  return {
    close_code: CLOSE_CODES[incident.closeCode ?? 'no_resolution'],
    close_notes: withoutMarkup(closeText(incident)),
  };
}

/** `[code]` in a journal field is shown as HTML. */
export const withoutMarkup = (text: string): string => text.replace(/\[(\/?)(code)\]/gi, '($1$2)');
