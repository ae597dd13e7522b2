/** Arrays as PostgreSQL reads them from text: one parameter, however many rows. */
export const numbers = (values: Iterable<number | null>): string =>
  `{${Array.from(values, (value) => value ?? 'NULL').join(',')}}`;

/** Of ids: one byte a character. */
export const ids = (values: Iterable<string | null>): string =>
  bytesList(Array.from(values, (value) => (value === null ? null : Buffer.from(value, 'latin1'))));

export const bytesList = (values: Iterable<Uint8Array | null>): string => {
  const items = Array.from(values, (value) => (value === null ? 'NULL' : `"\\\\x${asBuffer(value).toString('hex')}"`));
  return `{${items.join(',')}}`;
};

export const texts = (values: Iterable<string>): string =>
  `{${Array.from(values, (value) => `"${value.replaceAll(/["\\]/g, '\\$&')}"`).join(',')}}`;

/** No text of PostgreSQL holds NUL: it is stored, and looked for, with U+FFFD in its place. */
export const storable = (text: string): string => text.replaceAll('\u0000', '\ufffd');

const asBuffer = (value: Uint8Array): Buffer => Buffer.from(value.buffer, value.byteOffset, value.byteLength);
