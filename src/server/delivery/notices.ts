import type { Notice, SinkClass } from '../../model/delivery.ts';
import type { ConfiguredSink } from './dispatcher.ts';
import { type ErrandOptions, sendTo } from './errand.ts';

/** Who reads at once, without being woken, is asked first. */
const ORDER: Readonly<Record<SinkClass, number>> = { chat: 0, page: 1, record: 2, note: 3 };

/** Destinations that can tell people of another one's trouble, best first: of those that are well as far as is known. */
export const tellersBeside = (trouble: string, { sinks, breakers }: ErrandOptions): ConfiguredSink[] =>
  sinks()
    .filter(({ name, sink }) => name !== trouble && sink.announce !== undefined)
    .filter(({ name }) => (breakers().get(name)?.state ?? 'closed') === 'closed')
    .toSorted((a, b) => ORDER[a.sink.class] - ORDER[b.sink.class]);

/** Tells people by the first destination that takes it, never by the one that it is about. @returns which one; null: none did */
export async function tellBeside(trouble: string, notice: Notice, options: ErrandOptions): Promise<string | null> {
  for (const teller of tellersBeside(trouble, options)) {
    const outcome = await sendTo(teller, options, (context) => teller.sink.announce!(notice, context));
    if (outcome.kind === 'ok') return teller.name;
    options.log.warn({ sink: teller.name, about: trouble, reason: outcome.reason }, 'a notice was not taken');
  }
  return null;
}
