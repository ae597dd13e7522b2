const VARIABLE = /\$(\w+)|\$\{(\w+)(?::(\w+))?\}/g;
/** What means something in a regular expression, or ends one. */
const SPECIAL = /[\\^$*+?.()|[\]{}/]/g;

/** Of Grafana; lengths as a panel of six hours would have them. */
export const GLOBALS: Readonly<Record<string, string>> = {
  __rate_interval: '1m',
  __interval: '15s',
  __range: '6h',
};

/**
 * An expression with its variables replaced, as Grafana does it; several values become a choice.
 * @throws Error that names an unknown variable
 */
export function interpolate(expr: string, values: Readonly<Record<string, string | readonly string[]>>): string {
  return expr.replaceAll(VARIABLE, (_all, plain?: string, braced?: string, format?: string) => {
    const name = (plain ?? braced)!;
    const value = values[name] ?? GLOBALS[name];
    if (value === undefined) throw new Error(`there is no variable $${name}`);
    // A value that stands for all is an expression already.
    const isWritten = format !== 'regex' || value === '.*' || value === '.+';
    const texts = [value].flat().map((one) => (isWritten ? one : one.replaceAll(SPECIAL, '\\$&')));
    return texts.length === 1 ? texts[0]! : `(${texts.join('|')})`;
  });
}
