import type { KeptField, Value } from '../../../collectors/dialects/provenance.ts';
import type { Kind } from '../../model/span.ts';

/** Where a value comes from. */
export interface Origin {
  /** The attribute, the event's attribute, or what else gives the value, in words. */
  readonly from: string;
  /** The attribute to look for; null where the value comes from elsewhere. */
  readonly attribute: string | null;
  readonly value: Value;
}

export interface FieldExplained extends Origin {
  readonly field: KeptField;
  /** The value is a hash of instructions, made with a key that each installation has of its own. */
  readonly isHash: boolean;
  /** Sources that were there too, and stand behind in the order. */
  readonly alsoThere: readonly Origin[];
}

/** An attribute that nobody reads, or content of which only a part is read: what it holds is not kept. */
export interface DroppedAttribute {
  readonly key: string;
  /** `1,234 characters` */
  readonly size: string;
}

export interface ServiceExplained {
  readonly name: string;
  readonly namespace: string | null;
  readonly environment: string | null;
  /** From what of these to the attribute that gave it; null: nothing did. */
  readonly from: Readonly<Record<'name' | 'namespace' | 'environment', string | null>>;
  /** The declared service that it is counted under; null: no file declares it. */
  readonly declaredAs: string | null;
}

/** A span that is no AI span: kept for what it says of how others belong together. */
export interface LinkExplained {
  readonly traceId: string;
  readonly spanId: string;
  readonly spanName: string;
  readonly service: string;
  readonly spanKind: string;
  /** Attributes that AI spans have, where no marker says that this is one. */
  readonly looksLikeAi: readonly string[];
}

export interface AiSpanExplained {
  readonly traceId: string;
  readonly spanId: string;
  readonly spanName: string;
  readonly service: string;
  readonly scope: { readonly name: string; readonly version: string | null };
  readonly kind: Kind;
  readonly dialect: string;
  readonly marker: string;
  /** Dialects whose markers are there too; the first in the order of recognition says the kind. */
  readonly alsoRecognised: readonly { readonly dialect: string; readonly marker: string; readonly kind: Kind }[];
  readonly status: 'ok' | 'error';
  readonly errorType: string | null;
  /** What says that it failed. */
  readonly failedBy: readonly string[];
  readonly weight: number;
  readonly fields: readonly FieldExplained[];
  readonly absent: readonly KeptField[];
  /** Declared slices: from the dimension to its value, null where the attribute is not there. */
  readonly slices: Readonly<Record<string, string | null>>;
  readonly dropped: readonly DroppedAttribute[];
}

/** Whether a measure can be made of what arrived, and what to send where it can't. */
export interface Need {
  readonly need: string;
  readonly service: string;
  /** `unknown`: what arrived can't tell. */
  readonly status: 'ok' | 'partly' | 'missing' | 'unknown';
  readonly detail: string;
  readonly remedies: readonly string[];
}

export interface Explanation {
  readonly services: readonly ServiceExplained[];
  readonly aiSpans: readonly AiSpanExplained[];
  readonly links: readonly LinkExplained[];
  /** Spans beyond the limit: read and judged, not explained one by one. */
  readonly notShown: number;
  readonly refused: readonly { readonly reason: string; readonly count: number; readonly example: string }[];
  /** As `GET /api/v1/interactions/{traceId}` has them, with their calls. */
  readonly interactions: readonly Readonly<Record<string, unknown>>[];
  readonly calls: readonly Readonly<Record<string, unknown>>[];
  readonly needs: readonly Need[];
}
