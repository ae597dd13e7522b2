import type { Request, Response } from 'express';
import type { Millis } from '../../model/time.ts';
import type { Access } from './access.ts';
import { isStillIn } from './who.ts';

/** So long after its token or session has come to its end an answer may go on. */
export const LOOK_EVERY: Millis = 15_000;

/** Ends an answer that goes on and on once whoever asked for it would no longer get it. */
export function endWhenOut(request: Request, response: Response, access: Access): void {
  const look = async (): Promise<void> => {
    // A store that can't be asked says nothing about who they are.
    const isIn = await isStillIn(request, access).catch(() => true);
    if (!isIn) response.end();
  };
  const timer = setInterval(() => void look(), LOOK_EVERY).unref();
  response.on('close', () => clearInterval(timer));
}
