import {
  type FieldsOf,
  type FieldType,
  MEASUREMENTS,
  type Measurement,
  type MeasurementName,
  type TagsOf,
} from './schema.ts';

/** A point that line protocol can't hold. The message names the tag or field, never its value. */
export class RefusedPoint extends RangeError {
  override readonly name = 'RefusedPoint';
}

/** InfluxDB takes series keys of up to 64 KiB. */
const HEAD_MAX_BYTES = 65_535;
/** What nearly every tag value is: nothing of it has to be escaped or refused. */
const PLAIN = /^[\w./:@+-]+$/;
const UNUSABLE = /[\n\r\0]/;
const ESCAPED = /[,= ]/g;
/** InfluxDB takes integers of 64 bits; beyond these doubles are not exact. */
const INTEGER_MAX = Number.MAX_SAFE_INTEGER;

/** Measurement and tags of a series, as all of its lines begin. A tag that is empty is left out. @throws RefusedPoint */
export function headOf<M extends MeasurementName>(measurement: M, tags: TagsOf<M>): string {
  let head: string = measurement;
  for (const tag of MEASUREMENTS[measurement].tags) {
    const value = (tags as Readonly<Record<string, string>>)[tag]!;
    if (value !== '') head += `,${tag}=${tagText(tag, value)}`;
  }
  if (Buffer.byteLength(head) > HEAD_MAX_BYTES) throw new RefusedPoint('the tags together are too long');
  return head;
}

function tagText(tag: string, value: string): string {
  if (PLAIN.test(value)) return value;
  if (UNUSABLE.test(value)) throw new RefusedPoint(`the tag ${tag} holds a line break or NUL`);
  // It would take the comma behind it for its own.
  if (value.endsWith('\\')) throw new RefusedPoint(`the tag ${tag} ends with a backslash`);
  return value.toWellFormed().replaceAll(ESCAPED, '\\$&');
}

/** One line. @param at  seconds since 1970, whole  @throws RefusedPoint */
export function lineOf<M extends MeasurementName>(
  measurement: M,
  head: string,
  fields: FieldsOf<M>,
  at: number,
): string {
  if (!Number.isSafeInteger(at)) throw new RefusedPoint('the time is no whole second');
  const types: Measurement['fields'] = MEASUREMENTS[measurement].fields;
  let text = '';
  for (const name in types) {
    const value = (fields as Readonly<Record<string, string | number | boolean | null>>)[name];
    if (value === null || value === undefined) continue;
    text += `${text === '' ? '' : ','}${name}=${fieldText(name, types[name]!, value)}`;
  }
  if (text === '') throw new RefusedPoint('the point has no fields');
  return `${head} ${text} ${at}`;
}

function fieldText(name: string, type: FieldType, value: string | number | boolean): string {
  switch (type) {
    case 'integer':
      if (!Number.isInteger(value) || Math.abs(value as number) > INTEGER_MAX)
        throw new RefusedPoint(`the field ${name} is no exact integer`);
      return `${value}i`;
    case 'real':
      if (!Number.isFinite(value)) throw new RefusedPoint(`the field ${name} is no finite number`);
      return String(value);
    case 'flag':
      return value === true ? 'true' : 'false';
    case 'text': {
      const text = String(value);
      if (text.includes('\0')) throw new RefusedPoint(`the field ${name} holds NUL`);
      return `"${text
        .toWellFormed()
        .replaceAll(/[\\"]/g, '\\$&')
        .replaceAll(/[\r\n]+/g, ' ')}"`;
    }
  }
}
