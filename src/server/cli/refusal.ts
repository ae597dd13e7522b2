import { OperatorError } from '../../model/errors.ts';
import { lines } from '../../sinks/ticket-text.ts';

/** Says why a command can't do what is asked, for people or for programs; anything unforeseen is thrown on. @returns its code */
export function tellRefusal(error: unknown, json: boolean): string {
  if (!(error instanceof OperatorError)) throw error;
  const { code, what, fix } = error;
  if (json) console.log(JSON.stringify({ error: { code, what, fix } }));
  // It may repeat what people wrote elsewhere, which must not steer the terminal.
  else console.error(lines(error.message));
  return code;
}
