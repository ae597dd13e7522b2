/** One thing that is wrong with the configuration, where it stands and what to do about it. */
export interface ConfigProblem {
  readonly file: string;
  /** From 1; 0 where the file itself is what is wrong. */
  readonly line: number;
  readonly column: number;
  /** `spec.sinks[0].url`; '' for the whole document. */
  readonly path: string;
  /** The value found, shortened; null where it may be a secret or there is none. */
  readonly found: string | null;
  readonly message: string;
  /** What to write instead, or to do. */
  readonly hint: string | null;
  readonly code: string;
}

/** What is wrong with a file as a whole. */
export const fileProblem = (file: string, message: string, code: string): ConfigProblem => ({
  file,
  line: 0,
  column: 0,
  path: '',
  found: null,
  message,
  hint: null,
  code,
});

/** For the terminal: one line a problem, in the order of the files. */
export const formatProblems = (problems: readonly ConfigProblem[]): string =>
  problems
    .map(({ file, line, column, path, found, message, hint, code }) => {
      const place = line === 0 ? file : `${file}:${line}:${column}`;
      const value = found === null ? '' : `, found ${found}`;
      return `${place}  ${path === '' ? '' : `${path}  `}${message}${value}${hint === null ? '' : ` (${hint})`}  [${code}]`;
    })
    .join('\n');

export const pathText = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`),
    '',
  );

const SHOWN_MAX = 60;

/** A value as it can be shown on one line. */
export function shown(value: unknown): string | null {
  if (value === undefined) return null;
  const text = JSON.stringify(value) ?? String(value);
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}...` : text;
}
