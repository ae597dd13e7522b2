import type { Request, RequestHandler } from 'express';
import type { z } from 'zod';
import { readBody, SenderGone } from '../../../collectors/otlp/body.ts';
import { type BodyRoom, bodyRoom } from '../../../collectors/otlp/body-buffer.ts';
import { Refusal } from '../../../collectors/otlp/refusal.ts';
import { encodingNamed } from '../../../collectors/otlp/request-head.ts';
import type { LimitName, Limits } from '../../model/config/limits.ts';
import { Overloaded } from '../../model/ingest.ts';
import { JsonFault, parseJson } from '../../model/json.ts';
import { expectedText } from './expected.ts';
import { badRequest, Problem } from './problem.ts';

/** Of the bodies that are read together. */
const READ_AT_ONCE_BYTES = 2_097_152;

/**
 * Reads JSON bodies as the doors for telemetry read theirs: counted while they come and while they are unpacked, all of them
 * together within `bodiesInFlight`. No bytes are an object without keys; another content type leaves no body.
 * @param limited  told when a limit bites
 */
export function jsonBodies(limits: Limits, limited: (limit: LimitName) => void): RequestHandler {
  const room = bodyRoom(limits.maxApiBodyBytes, limits.maxBytesInFlight, READ_AT_ONCE_BYTES);
  return async (request, _response, next) => {
    if (request.is('application/json') === 'application/json') {
      try {
        request.body = await readJson(request, room);
      } catch (error) {
        // Nobody is left to answer.
        if (error instanceof SenderGone) return;
        // What is still to come is thrown away: unread, it would stand before the next request of its connection.
        request.resume();
        throw error instanceof Refusal ? problemOf(error, room, limited) : error;
      }
    }
    next();
  };
}

async function readJson(request: Request, room: BodyRoom): Promise<unknown> {
  const body = await readBody(request, encodingNamed(request.headers['content-encoding'] ?? ''), room);
  try {
    return body.bytes.length === 0 ? {} : parseJson(body.bytes);
  } catch (error) {
    throw error instanceof JsonFault ? badRequest(`the body is not readable JSON: ${error.message}`) : error;
  } finally {
    body.release();
  }
}

/** A refusal in the words of the API. */
function problemOf(refusal: Refusal, room: BodyRoom, limited: (limit: LimitName) => void): Error {
  switch (refusal.code) {
    case 'PLIM_OTLP_TOO_LARGE':
      limited('apiBody');
      return new Problem(
        413,
        'PLIM_API_TOO_LARGE',
        'The body is too large',
        `at most ${room.maxBodyBytes} bytes are read, unpacked: send fewer items at a time`,
      );
    case 'PLIM_OTLP_OVERLOADED':
      limited('bodiesInFlight');
      return new Overloaded(`${room.inFlight.used} bytes of requests are being read`);
    default:
      return badRequest(refusal.message);
  }
}

/** What a body says; none is one that says nothing. @throws Problem  with all that is wrong */
export function bodyOf<T extends z.ZodType>(schema: T, body: unknown): z.output<T> {
  const result = schema.safeParse(body ?? {});
  if (result.success) return result.data;
  throw badRequest(
    result.error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${expectedText(issue)}`).join('; '),
  );
}
