import { NOTHING_DECLARED } from '../../../collectors/dialects/declared.ts';
import { dialects } from '../../../collectors/dialects/index.ts';
import { OPERATION_KINDS } from '../../../collectors/dialects/operations.ts';
import { SpanReader } from '../../../collectors/dialects/reader.ts';
import { Dictionary } from '../../../src/model/dictionary.ts';
import type { Vocabulary } from './random-request.ts';
import { WINDOW } from './samples.ts';

/** The keys that the dialects ask for, and values that mean something to them. */
const { slots } = new SpanReader({ dialects, dictionary: new Dictionary(), declared: NOTHING_DECLARED });
const kindWords = dialects.flatMap(({ kinds }) => (typeof kinds === 'string' ? [] : Object.keys(kinds.values)));
export const vocabulary: Vocabulary = {
  resourceKeys: [
    'service.name',
    'service.namespace',
    'service.version',
    'deployment.environment.name',
    'deployment.environment',
    'langfuse.environment',
  ],
  spanKeys: slots.keys,
  eventNames: slots.events.map(({ name }) => name),
  eventKeys: slots.events.flatMap(({ keys }) => keys),
  words: [
    ...kindWords,
    ...Object.keys(OPERATION_KINDS),
    'openai',
    'OpenAI',
    'langchain',
    'unknown_service:node',
    'error',
    'stop',
  ],
  now: WINDOW.now,
};
