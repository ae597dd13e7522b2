/** Arrays as PostgreSQL reads them from text: one parameter, however many rows. */
export const numbers = (values: Iterable<number>): string => `{${[...values].join(',')}}`;

/** Of ids: one byte a character. */
export const ids = (values: Iterable<string>): string =>
  bytesList(Array.from(values, (value) => Buffer.from(value, 'latin1')));

export const bytesList = (values: Iterable<Uint8Array>): string => {
  const items = Array.from(values, (value) => `"\\\\x${asBuffer(value).toString('hex')}"`);
  return `{${items.join(',')}}`;
};

export const texts = (values: Iterable<string>): string =>
  `{${Array.from(values, (value) => `"${value.replaceAll(/["\\]/g, '\\$&')}"`).join(',')}}`;

const asBuffer = (value: Uint8Array): Buffer => Buffer.from(value.buffer, value.byteOffset, value.byteLength);
