import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import { Overloaded } from '../../model/ingest.ts';
import { PgError } from '../../store/postgres/connection.ts';

/** What went wrong with a request, as RFC 9457 has it; `code` is stable. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(status: number, code: string, title: string, detail: string, extra: Record<string, unknown> = {}) {
    super(detail);
    this.status = status;
    this.code = code;
    this.title = title;
    this.detail = detail;
    this.extra = extra;
  }
}

export const badRequest = (detail: string): Problem =>
  new Problem(400, 'PLIM_API_BAD_REQUEST', 'The request can not be read', detail);
export const notFound = (what: string): Problem => new Problem(404, 'PLIM_API_NOT_FOUND', 'Not found', what);
export const unknownService = (name: string): string =>
  `no service is named ${JSON.stringify(name)}, in files or in telemetry; GET /api/v1/services lists them`;

function send(response: Response, problem: Problem): void {
  response
    .status(problem.status)
    .type('application/problem+json')
    .send(
      JSON.stringify({
        type: `urn:plimsoll:error:${problem.code}`,
        title: problem.title,
        status: problem.status,
        code: problem.code,
        detail: problem.detail,
        ...problem.extra,
      }),
    );
}

export const unknownRoute: RequestHandler = (request) => {
  throw notFound(
    `${request.method} ${request.baseUrl}${request.path} is no address of this API; /api/v1/openapi.json lists them`,
  );
};

function sendOverloaded(response: Response, seconds: number, reason: string): void {
  response.set('Retry-After', String(seconds));
  const detail = `${reason}; nothing of this request was kept, send the same again in ${seconds} s`;
  send(response, new Problem(503, 'PLIM_OVERLOADED', 'Come again shortly', detail));
}

/** Every error leaves as a problem; what is not the sender's fault is reported and told without its inside. */
export const problemHandler =
  (report: (error: unknown) => void): ErrorRequestHandler =>
  (error, _request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    if (error instanceof Problem) {
      send(response, error);
    } else if (error instanceof PgError && error.isPassing) {
      sendOverloaded(response, 2, 'the database does not answer just now');
    } else if (error instanceof Overloaded) {
      sendOverloaded(response, error.retryAfterSeconds, `the store can not take more just now (${error.message})`);
    } else if (typeof error?.status === 'number' && error.status >= 400 && error.status < 500) {
      send(
        response,
        new Problem(error.status, 'PLIM_API_BAD_REQUEST', 'The request can not be read', String(error.message)),
      );
    } else {
      report(error);
      send(
        response,
        new Problem(
          500,
          'PLIM_API_INTERNAL',
          'Something is wrong inside',
          'what was acknowledged is kept; the log of Plimsoll says at this time what went wrong ("a request failed"): look there before it is sent again',
        ),
      );
    }
  };
