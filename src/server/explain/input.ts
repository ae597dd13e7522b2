import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type MalformedBody, MalformedJson, protobufOfTraces, Rejects } from '../../../collectors/otlp/index.ts';
import { OperatorError } from '../../model/errors.ts';
import type { RequestBody } from './explainer.ts';

/** As much as a door takes of one request. */
const MAX_BYTES = 64 * 1024 * 1024;
const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
const FORMS = 'a trace request of OTLP is needed: protobuf, JSON, or the JSON lines of a file exporter; plain or gzip';

/**
 * The bytes of a file, or of standard input for `-`, unpacked where they are gzip.
 * @throws OperatorError when there is no such file, it can't be read or unpacked, or it holds more than a door takes
 */
export function readInput(file: string): Buffer {
  return unpacked(readBytes(file), file);
}

/**
 * The requests in it: one, or one a line.
 * @throws OperatorError saying at which byte, line or JSON path it is no trace request
 */
export function requestsIn(bytes: Buffer, file: string): RequestBody[] {
  if (bytes.length === 0) throw unreadable(file, 'it is empty');
  return isJson(bytes) ? jsonRequests(bytes, file) : [{ protobuf: bytes, rejects: new Rejects() }];
}

/** What went wrong with the protobuf of a file, for its user. */
export function unreadableProtobuf(file: string, { message }: MalformedBody): OperatorError {
  return unreadable(file, `it does not begin as JSON, and as protobuf: ${message}`);
}

function readBytes(file: string): Buffer {
  try {
    return readFileSync(file === '-' ? 0 : file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : message;
    throw new OperatorError('PLIM_EXPLAIN_NO_FILE', {
      what: `${file}: ${why}`,
      fix: 'name a file that holds the body of an OTLP trace request, or - for standard input',
      retryable: false,
    });
  }
}

function unpacked(bytes: Buffer, file: string): Buffer {
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  if (!isGzip && bytes.length > MAX_BYTES) throw tooLarge(file);
  if (!isGzip) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_BYTES });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw code === 'ERR_BUFFER_TOO_LARGE' ? tooLarge(file) : unreadable(file, `it begins as gzip, but: ${message}`);
  }
}

const tooLarge = (file: string): OperatorError =>
  unreadable(file, `it holds more than ${MAX_BYTES / 1024 ** 2} MiB, which is more than a door takes`);

/** No protobuf request begins with a brace: it would be a group, which OTLP has none of. */
function isJson(bytes: Buffer): boolean {
  const from = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  const first = bytes.subarray(from).find((byte) => byte > 0x20);
  // A line feed is also the first byte of protobuf, before a length that may be a brace.
  return bytes[from]! === 0x0a ? isJsonBehindSpace(bytes) : first === OPEN_BRACE || first === OPEN_BRACKET;
}

const isJsonBehindSpace = (bytes: Buffer): boolean => /^\s*\{\s*("|\})/.test(bytes.toString('latin1', 0, 64));

function jsonRequests(bytes: Buffer, file: string): RequestBody[] {
  const lines = linesOf(bytes);
  if (lines.length < 2 || !isWhole(lines[0]!.bytes)) return [jsonRequest(bytes, file)];
  return lines.map(({ bytes: line, number }) => jsonRequest(line, `${file}, line ${number}`));
}

function jsonRequest(bytes: Buffer, where: string): RequestBody {
  const rejects = new Rejects();
  try {
    return { protobuf: protobufOfTraces(bytes, rejects), rejects };
  } catch (error) {
    if (error instanceof MalformedJson) throw unreadable(where, error.message);
    throw error;
  }
}

/** Lines that hold something. */
function linesOf(bytes: Buffer): { readonly bytes: Buffer; readonly number: number }[] {
  const lines = [];
  let number = 0;
  for (let at = 0; at < bytes.length; ) {
    const feed = bytes.indexOf(0x0a, at);
    const end = feed < 0 ? bytes.length : feed;
    const line = bytes.subarray(at, end);
    number++;
    if (line.some((byte) => byte > 0x20)) lines.push({ bytes: line, number });
    at = end + 1;
  }
  return lines;
}

/** A line of its own, not the first of a document on several lines. */
function isWhole(line: Buffer): boolean {
  try {
    JSON.parse(line.toString('utf8'));
    return true;
  } catch {
    return false;
  }
}

const unreadable = (where: string, why: string): OperatorError =>
  new OperatorError('PLIM_EXPLAIN_UNREADABLE', { what: `${where}: ${why}`, fix: FORMS, retryable: false });
