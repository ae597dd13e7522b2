import { dialects } from '../../../collectors/dialects/index.ts';
import { Rejects } from '../../../collectors/otlp/index.ts';
import { Catalog } from '../../../src/catalog/catalog.ts';
import type { Service } from '../../../src/model/config/service.ts';
import { Explainer } from '../../../src/server/explain/explainer.ts';
import type { Explanation } from '../../../src/server/explain/explanation.ts';
import { requestOf, type SpanSketch } from '../../collectors/otlp/requests.ts';
import { WINDOW } from '../../collectors/otlp/samples.ts';

/** Bodies in protobuf, explained whole. */
export const explained = (bodies: readonly Buffer[], services: readonly Service[] = []): Explanation =>
  new Explainer({ dialects, catalog: new Catalog(services) }).explain(
    bodies.map((protobuf) => ({ protobuf, rejects: new Rejects() })),
    WINDOW,
    { limit: Number.POSITIVE_INFINITY },
  );

/** One span of that. */
export const spanWith = (
  attributes: NonNullable<SpanSketch['attributes']>,
  rest: SpanSketch = {},
): Explanation['aiSpans'][number] => explained([requestOf([{ ...rest, attributes }])]).aiSpans[0]!;
