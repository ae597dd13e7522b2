import { existsSync, realpathSync, statSync } from 'node:fs';
import { OperatorError } from '../../model/errors.ts';

const real = (path: string): string => (existsSync(path) ? realpathSync(path) : path);

/** Sees to it that nothing is overwritten that nobody wants overwritten. @throws OperatorError */
export function checkTarget(source: string, target: string, mayOverwrite: boolean): void {
  if (real(source) === real(target))
    throw new OperatorError('PLIM_COPY_ONTO_ITSELF', {
      what: `${target} is the file that would be copied from`,
      fix: 'name another file',
      retryable: false,
    });
  if (existsSync(target) && statSync(target).size > 0 && !mayOverwrite)
    throw new OperatorError('PLIM_COPY_EXISTS', {
      what: `${target} is there already`,
      fix: 'name another file, or write --force: what is there is then gone',
      retryable: false,
    });
}
