import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { RequestHandler } from 'express';
import { MEDIA_TYPES } from '../metrics/format.ts';
import type { Metrics } from '../metrics/index.ts';

/** The page of metrics, sent as fast as it is taken: megabytes of it are not copied together first. */
export const metricsPage =
  (metrics: Metrics): RequestHandler =>
  async (request, response) => {
    const asked = request.accepts(Object.keys(MEDIA_TYPES)) as keyof typeof MEDIA_TYPES | false;
    const { contentType, body } = await metrics.page(asked === false ? 'text' : MEDIA_TYPES[asked]);
    response.vary('accept');
    response.set('content-type', contentType);
    response.set('content-length', String(body.reduce((bytes, piece) => bytes + piece.length, 0)));
    try {
      await pipeline(Readable.from(body), response);
    } catch (error) {
      // Nobody is left to answer.
      if (!response.destroyed) throw error;
    }
  };
