import { ratingSources } from '../../catalog/measure-sources.ts';
import type { RatingSources } from '../../measures/definition.ts';
import type { Code } from '../../model/dictionary.ts';
import { seenBy } from '../seen.ts';
import type { ApiContext } from './context.ts';

/** What a service's measures of several ratings together are read from, as of now. */
export const jointSourcesOf = ({ plans, reader }: ApiContext, counted: Code): RatingSources =>
  ratingSources({ plans, ...seenBy(reader) }, counted);
