import { plainText } from '../../../../model/plain-text.ts';

/** Why a sign-in at the provider came to nothing, in words; null where nothing is said, or what is not known. */
export const problemText = (problem: string | null): string | null =>
  problem !== null && Object.hasOwn(PROBLEMS, problem) ? PROBLEMS[problem]! : null;

const PROBLEMS: Readonly<Record<string, string>> = {
  provider: 'The identity provider does not answer. Try again, or sign in with a token.',
  expired: 'That took longer than ten minutes, or was begun in another browser. Try again.',
  refused: 'The answer of the identity provider was refused. Try again; the log of Plimsoll says why.',
  no_role: 'You are known, and none of your groups has a role here. Ask whoever runs this Plimsoll for one.',
};

/** Where signing in at the provider begins, and where it leads back to: the page that was asked for. */
export function signInAddress(path: string, search: string): string {
  const to = path === '/sign-in' ? '/' : path + search;
  return `/sign-in/oidc?to=${encodeURIComponent(to)}`;
}

interface Whose {
  readonly kind: string;
  readonly id: string;
  readonly name?: string | undefined;
}

/** What somebody is called: by their name where one is known. It comes from elsewhere. Of somebody in a tool: and which that is. */
export const calledBy = ({ kind, id, name }: Whose): string => {
  if (kind === 'system') return 'Plimsoll';
  if (kind === 'sink') {
    const [sink = '', person = ''] = id.split(/\/(.*)/s);
    return plainText(person === '' ? sink : `${name ?? person} in ${sink}`);
  }
  return plainText(name ?? (kind === 'token' ? `token ${id}` : id));
};
