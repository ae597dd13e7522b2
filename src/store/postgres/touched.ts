import type { TraceId } from '../../model/ids.ts';
import { hashId, type IdHash, namesOf, OF_IDENTITY, OF_RESPONSE, OF_TRACE } from '../id-hash.ts';
import type { WriteItem } from '../items.ts';
import type { NewRating } from '../rating.ts';
import type { StoredSpan } from '../sqlite/parts.ts';
import type { OpenNames } from './ratings.ts';
import type { IncomingTrace } from './traces.ts';

/** What a group will touch, as far as that can be told before anything is read. */
export interface Touched {
  /** Of traces, names and identities. */
  readonly hashes: Set<IdHash>;
  /** Ratings lead to traces that nobody has named. */
  readonly isOpenEnded: boolean;
}

export function touchedBy(items: readonly WriteItem[], traces: readonly IncomingTrace[]): Touched {
  const hashes = new Set<IdHash>();
  for (const { hash, came } of traces) {
    hashes.add(hash);
    for (const { span } of came) {
      if (span.responseRef !== '') hashes.add(hashId(span.responseRef, OF_RESPONSE));
      for (const name of namesOf(span)) hashes.add(name);
    }
  }
  let isOpenEnded = false;
  for (const item of items)
    if (item.type === 'ratings')
      for (const { identity, target } of item.ratings) {
        hashes.add(hashId(identity, OF_IDENTITY));
        if (target.trace !== '') hashes.add(hashId(target.trace, OF_TRACE));
        isOpenEnded ||= !isByTraceOnly(target);
      }
  return { hashes, isOpenEnded };
}

const isByTraceOnly = ({ response, interaction, conversation }: NewRating['target']): boolean =>
  response === '' && interaction === '' && conversation === '';

/** The names that ratings may wait for: of new spans, and of what their traces have been until now. */
export function namesIn(traces: readonly IncomingTrace[], known: Iterable<readonly StoredSpan[]>): OpenNames {
  const names = {
    traces: new Set<TraceId>(),
    responses: new Set<string>(),
    interactions: new Set<string>(),
    conversations: new Set<string>(),
  };
  const add = (one: { conversationId: string; interactionRef: string }): void => {
    if (one.conversationId !== '') names.conversations.add(one.conversationId);
    if (one.interactionRef !== '') names.interactions.add(one.interactionRef);
  };
  for (const { traceId, came } of traces) {
    names.traces.add(traceId);
    for (const { span } of came) {
      if (span.responseRef !== '') names.responses.add(span.responseRef);
      add(span);
    }
  }
  for (const spans of known)
    for (const { span, judged } of spans) {
      add(span);
      if (judged.interaction !== null) add(judged.interaction);
    }
  return names;
}
