/**
 * Trace and span ids inside the house are their raw bytes as one character each (latin-1): half the size of hex,
 * comparable, and usable as keys. They become hex where they leave the house.
 */
export type TraceId = string;
export type SpanId = string;

/** "No span": the parent of a root. */
export const NO_SPAN: SpanId = '';

/** Of what others call a response, an interaction or a conversation: what is longer is content, and no name. */
export const MAX_ID_BYTES = 1024;

export const hexOfId = (id: string): string => Buffer.from(id, 'latin1').toString('hex');
export const idOfHex = (hex: string): string => Buffer.from(hex, 'hex').toString('latin1');

/** W3C trace context: 32 hex digits, not all zero. */
export const isTraceIdHex = (text: string): boolean => /^[0-9a-f]{32}$/i.test(text) && !/^0+$/.test(text);
/** W3C trace context: 16 hex digits, not all zero. */
export const isSpanIdHex = (text: string): boolean => /^[0-9a-f]{16}$/i.test(text) && !/^0+$/.test(text);
