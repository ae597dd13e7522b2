import { z } from 'zod';
import type { Millis } from '../../model/time.ts';
import type { HttpRequest, SinkContext } from '../sink.ts';
import { ask, change, Failed, parsedJson, secretOf, withoutSlash } from '../steps.ts';

export interface ITopOptions {
  /** Base address. */
  readonly url: string;
  readonly user: string;
  /** `env:NAME` or `file:/path`. */
  readonly password: string;
  /** Of these name or id, of people e-mail address, name or id. */
  readonly organization: string;
  readonly caller: string;
  /** To whom a ticket is assigned when it has to be: iTop resolves none that is nobody's. */
  readonly team: string;
  readonly agent: string;
  /** Reference to what stands in the header of what a notification posts; null: none does. */
  readonly webhookSecret: string | null;
  /** How often it is asked what people have changed; null: it isn't. */
  readonly poll: Millis | null;
}

export interface ITopObject {
  readonly key: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

const object = z.object({
  code: z.number(),
  key: z.union([z.string(), z.number()]).transform(String),
  fields: z.record(z.string(), z.unknown()).default({}),
});
const answer = z.object({ code: z.number(), objects: z.record(z.string(), object).nullish() });

/** Something in iTop went wrong: a stimulus or a field that it doesn't take, or a fault of the moment. */
const INTERNAL = 100;

export class Internal extends Failed {
  constructor() {
    super({
      kind: 'permanent',
      reason:
        'answered code 100 twice: a field that it requires, or a stimulus that it does not take (see its error.log)',
    });
  }
}

const WHY: Readonly<Record<number, string>> = {
  1: 'user and password are refused, or the user may not use the web services',
  10: 'it does not know version 1.3 of its web services',
  12: 'the user may not do that',
};

/** How one iTop is reached. Each operation throws `Failed`; the HTTP status is 200 whatever happens, `code` says it. */
export interface Door {
  readonly get: (operation: object) => Promise<readonly ITopObject[]>;
  /** The answer as it is, for what may be longer than what is read of it. */
  readonly text: (operation: object) => Promise<string>;
  readonly set: (operation: object) => Promise<ITopObject>;
}

export async function doorOf(context: SinkContext<ITopOptions>): Promise<Door> {
  const { url, user, password } = context.options;
  const pwd = await secretOf(context, password);
  const requestOf = (operation: object): HttpRequest => ({
    method: 'POST',
    url: `${withoutSlash(url)}/webservices/rest.php?version=1.3`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ auth_user: user, auth_pwd: pwd, json_data: JSON.stringify(operation) }).toString(),
  });
  const read = (body: string, unreadable: 'retry' | 'unknown'): readonly ITopObject[] => {
    const parsed = answer.safeParse(parsedJson(body));
    if (!parsed.success) throw new Failed({ kind: unreadable, reason: 'its answer is not that of its web services' });
    const objects = Object.values(parsed.data.objects ?? {});
    const code = [parsed.data.code, ...objects.map((one) => one.code)].find((value) => value !== 0) ?? 0;
    if (code === INTERNAL) throw new Internal();
    if (code !== 0)
      throw new Failed({
        kind: 'permanent',
        reason: `answered code ${code}${WHY[code] === undefined ? '' : `: ${WHY[code]}`}`,
      });
    return objects;
  };
  const text = async (operation: object): Promise<string> => {
    const response = await ask(context, requestOf(operation));
    if (response === null)
      throw new Failed({ kind: 'permanent', reason: 'answered 404: there is no iTop at this address' });
    return response.body;
  };
  return {
    text,
    get: (operation) => onceMore(async () => read(await text(operation), 'retry')),
    set: async (operation) => {
      const [made] = read((await change(context, requestOf(operation))).body, 'unknown');
      if (made === undefined) throw new Failed({ kind: 'unknown', reason: 'its answer names no ticket' });
      return made;
    },
  };
}

/** Code 100 may be a fault of the moment: what does no harm twice is tried twice. */
export async function onceMore<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Internal)) throw error;
    return await work();
  }
}
