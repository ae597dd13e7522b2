export interface OperatorErrorDetail {
  /** What happened, with the values seen. */
  readonly what: string;
  /** What to do about it. */
  readonly fix: string;
  /** Whether the same attempt can succeed later by itself. */
  readonly retryable: boolean;
}

/** A fault that whoever runs Plimsoll can mend. Every code has a row in docs/guide/errors.md. */
export class OperatorError extends Error {
  override readonly name = 'OperatorError';
  readonly code: string;
  readonly what: string;
  readonly fix: string;
  readonly retryable: boolean;

  constructor(code: string, detail: OperatorErrorDetail) {
    super(`${detail.what}; ${detail.fix} [${code}]`);
    this.code = code;
    this.what = detail.what;
    this.fix = detail.fix;
    this.retryable = detail.retryable;
  }
}
