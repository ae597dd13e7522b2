import type { JointSources } from '../../catalog/joint-measures.ts';
import { jointSources } from '../../catalog/objectives.ts';
import type { Code } from '../../model/dictionary.ts';
import { seenBy } from '../seen.ts';
import type { ApiContext } from './context.ts';

/** What a service's measures of several ratings together are read from, as of now. */
export const jointSourcesOf = ({ plans, reader }: ApiContext, counted: Code): JointSources =>
  jointSources({ plans, ...seenBy(reader) }, counted);
