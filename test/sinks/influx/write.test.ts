import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import type { BytesRequest } from '../../../src/sinks/http.ts';
import { writeLines, writtenOf } from '../../../src/sinks/influx/write.ts';
import type { HttpResult } from '../../../src/sinks/sink.ts';

const target = { url: 'http://influxdb:8086', database: 'plimsoll', authorization: 'Basic c2VjcmV0' };
const answer = (status: number, error?: string): HttpResult => ({
  kind: 'answer',
  status,
  headers: {},
  body: error === undefined ? '' : JSON.stringify({ error }),
});
const linesIn = ({ body }: BytesRequest): string[] =>
  gunzipSync(body as Uint8Array)
    .toString()
    .split('\n');

it('posts packed lines with their policy, and seconds', async () => {
  const asked: BytesRequest[] = [];
  const written = await writeLines(
    async (request) => {
      asked.push(request);
      return answer(204);
    },
    target,
    'hourly',
    ['a v=1i 1', 'b v=2i 2'],
  );
  expect(written).toEqual({ kind: 'written', lines: 2, refused: 0, reason: null });
  expect(asked).toHaveLength(1);
  expect(asked[0]).toMatchObject({
    method: 'POST',
    url: 'http://influxdb:8086/write?db=plimsoll&rp=hourly&precision=s',
    headers: { 'content-encoding': 'gzip', authorization: 'Basic c2VjcmV0' },
  });
  expect(linesIn(asked[0]!)).toEqual(['a v=1i 1', 'b v=2i 2']);
});

it('halves what is too large, and gives up a line that is too long by itself', async () => {
  const taken: string[] = [];
  const http = async (request: BytesRequest): Promise<HttpResult> => {
    const lines = linesIn(request);
    if (lines.length > 3 || lines.includes('long')) return answer(413);
    taken.push(...lines);
    return answer(204);
  };
  const lines = ['a', 'b', 'c', 'long', 'd', 'e', 'f'];
  expect(await writeLines(http, target, 'minutes', lines)).toMatchObject({ kind: 'written', lines: 6, refused: 1 });
  expect(taken).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
});

it.each([
  [answer(204), { kind: 'written', lines: 10, refused: 0, reason: null }],
  [
    answer(400, 'partial write: points beyond retention policy dropped=4'),
    { kind: 'written', lines: 6, refused: 4, reason: 'points are older than their retention policy keeps' },
  ],
  [
    answer(400, "partial write: unable to parse 'MARK': bad timestamp dropped=0"),
    { kind: 'written', lines: 9, refused: 1, reason: 'lines could not be read' },
  ],
  [
    answer(400, 'partial write: field type conflict: MARK dropped=2'),
    { kind: 'written', lines: 8, refused: 2, reason: 'a field is of another type in the database' },
  ],
  [answer(400, 'something else'), { kind: 'written', lines: 0, refused: 10, reason: 'points were left out (400)' }],
  [answer(401, 'MARK'), { kind: 'stopped' }],
  [answer(403, 'MARK'), { kind: 'stopped' }],
  [answer(404, 'database not found: "MARK"'), { kind: 'stopped', reason: 'there is no such database (404)' }],
  [answer(404, 'retention policy not found: hourly'), { kind: 'stopped' }],
  [answer(302), { kind: 'stopped' }],
  [answer(429), { kind: 'again' }],
  [answer(500, 'timeout'), { kind: 'again' }],
  [answer(503), { kind: 'again' }],
  [{ kind: 'not_sent', reason: 'no connection' } as const, { kind: 'again' }],
  [{ kind: 'no_answer', reason: 'no answer' } as const, { kind: 'again' }],
  [{ kind: 'forbidden', reason: 'not listed' } as const, { kind: 'stopped', reason: 'not listed' }],
])('understands %o', (result, expected) => {
  const written = writtenOf(result, 10);
  expect(written).toMatchObject(expected);
  expect(JSON.stringify(written)).not.toContain('MARK');
});
