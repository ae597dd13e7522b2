import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { RequestHandler } from 'express';
import type { Metrics } from '../metrics/index.ts';

/** The page of metrics, sent as fast as it is taken: megabytes of it are not copied together first. */
export const metricsPage =
  (metrics: Metrics): RequestHandler =>
  async (_request, response) => {
    const { contentType, body } = await metrics.page();
    response.set('content-type', contentType);
    response.set('content-length', String(body.reduce((bytes, piece) => bytes + piece.length, 0)));
    try {
      await pipeline(Readable.from(body), response);
    } catch (error) {
      // Nobody is left to answer.
      if (!response.destroyed) throw error;
    }
  };
