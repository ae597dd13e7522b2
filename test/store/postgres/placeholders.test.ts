import { expect, test } from 'vitest';
import { numbered } from '../../../src/store/postgres/placeholders.ts';

test('question marks are numbered, those in quotes and comments stay', () => {
  expect(numbered(`select ?, 'a?''?b', "c?" -- ?\n from t /* ? */ where x = ? and y = ?1`)).toBe(
    `select $1, 'a?''?b', "c?" -- ?\n from t /* ? */ where x = $2 and y = $1`,
  );
});

test('what is numbered already stays as it is', () => {
  expect(numbered('select $2, $1')).toBe('select $2, $1');
});
