import { expect, it } from 'vitest';
import { isReadable } from '../../../src/catalog/service-records.ts';
import { JUDGED_FIELDS, RECORD_FIELDS } from '../../../src/model/service-record.ts';
import { EXAMPLES, fieldsOf, isText, valueIn, writtenOf } from '../../../src/server/console/app/logic/record-form.ts';

it('every field has an example that a file could have, and is sent as it was written', () => {
  for (const field of RECORD_FIELDS) {
    const written = writtenOf(field, EXAMPLES[field]);
    expect(valueIn(field, ` ${written} `)).toEqual(EXAMPLES[field]);
    expect([field, isReadable({ service: 'bot', fields: { [field]: EXAMPLES[field] } })]).toEqual([field, true]);
  }
});

it('what is empty is taken back, and what is no JSON where that is needed is not sent', () => {
  expect(valueIn('owner', '  ')).toBeNull();
  expect(writtenOf('owner', undefined)).toBe('');
  expect(() => valueIn('owner', 'Kim')).toThrow(SyntaxError);
  expect(valueIn('supportGroup', '42')).toBe('42');
  expect([isText('supportGroup'), isText('criticality')]).toEqual([true, false]);
});

it('how a service with a file is judged is for its file alone', () => {
  expect(fieldsOf(false)).toEqual(RECORD_FIELDS);
  expect(fieldsOf(true).filter((field) => JUDGED_FIELDS.includes(field))).toEqual([]);
});
