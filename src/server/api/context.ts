import type { Catalog } from '../../catalog/catalog.ts';
import type { PlanBook } from '../../catalog/plan-book.ts';
import type { Listener } from '../../incidents/audience.ts';
import type { IncidentBook } from '../../incidents/book.ts';
import type { SuppressionSources } from '../../incidents/suppression.ts';
import type { Limits } from '../../model/config/limits.ts';
import type { Objective as ObjectiveConfig } from '../../model/config/objective.ts';
import type { Code, Dictionary } from '../../model/dictionary.ts';
import type { SeenInstrumentation } from '../../model/instrumentation.ts';
import type { Retirement } from '../../model/retirements/retirement.ts';
import type { Millis } from '../../model/time.ts';
import type { Objective } from '../../objectives/objective.ts';
import type { RemoteEvent } from '../../sinks/inbound.ts';
import type { Statement } from '../../store/items.ts';
import type { Reader } from '../../store/reader.ts';
import type { Records } from '../../store/records/records.ts';
import type { Writer } from '../../store/writer.ts';
import type { Access } from '../access/access.ts';
import type { AuditOffice } from '../audit/office.ts';
import type { CallCoverages } from '../call-coverages.ts';
import type { Deliveries } from '../delivery/destinations.ts';
import type { ExplainTap } from '../explain/tap.ts';
import type { History } from '../history/history.ts';
import type { Caller } from '../inbound/callers.ts';
import type { Caretaker } from '../incidents/caretaker.ts';
import type { Intake } from '../intake.ts';
import type { ServiceRegister } from '../inventory/register.ts';
import type { Periods } from '../judge/periods.ts';
import type { Verdicts } from '../judge/verdicts.ts';
import type { Metrics } from '../metrics/index.ts';
import type { Moving } from '../moving.ts';
import type { ConfigurationState } from '../reload/state.ts';
import type { Events } from './events.ts';
import type { Presenter } from './present.ts';

/** What the routes are given. */
export interface ApiContext {
  readonly deployment: string;
  readonly version: string;
  readonly now: () => Millis;
  /** Which configuration is in force, and whether it is the one that its files hold. */
  readonly configuration: () => ConfigurationState;
  /** When the configuration was read. */
  readonly startedAt: Millis;
  /** Where spans are taken over OTLP/HTTP; null until that door is open. */
  readonly otlpHttp: () => string | null;
  /** Origins whose pages may send feedback. */
  readonly feedbackFrom: readonly string[];
  readonly intake: Intake;
  readonly dictionary: Dictionary;
  readonly catalog: Catalog;
  /** What was said of services over the API. */
  readonly register: ServiceRegister;
  /** Reads it again; what rests on it is told where anything is otherwise. */
  readonly renewRegister: () => Promise<void>;
  readonly plans: PlanBook;
  /** Which libraries have sent a service's AI spans since this process began, by the code of its resource. */
  readonly instrumentationsOf: (resource: Code) => readonly SeenInstrumentation[];
  readonly callCoverages: CallCoverages;
  readonly reader: Reader;
  readonly records: Records;
  readonly writer: Writer;
  /** What is said of objectives now: by the one who judges, or after it. */
  readonly judge: Verdicts;
  readonly periods: Periods;
  readonly book: IncidentBook;
  /** What may keep people from being told at a moment. */
  readonly suppression: (now: Millis) => Promise<SuppressionSources>;
  readonly caretaker: Pick<Caretaker, 'timersOf' | 'opened'>;
  readonly present: Presenter;
  readonly objectives: () => readonly Objective[];
  readonly objectiveConfigs: readonly ObjectiveConfig[];
  readonly limits: Limits;
  /** When models end, as the deployment's file has it. */
  readonly modelRetirements: readonly Retirement[];
  /** The destinations that may be told of incidents. */
  readonly listeners: readonly Listener[];
  readonly events: Events;
  /** Explains what arrives to whoever listens. */
  readonly tap: ExplainTap;
  readonly deliveries: Deliveries;
  /** Something waits to be delivered. */
  readonly wakeDelivery: () => void;
  /** How tools outside tell what people have done in them. */
  readonly hooks: {
    readonly callers: () => readonly Caller[];
    readonly secret: (reference: string) => Promise<string>;
    readonly consoleUrl: () => string;
    /** Keeps events; answers how many of them are new. */
    readonly take: (sink: string, events: readonly RemoteEvent[]) => Promise<number>;
  };
  readonly audit: AuditOffice;
  /** Null where none is written. */
  readonly history: History | null;
  /** One transaction; throws when it fails. */
  readonly write: (statements: readonly Statement[]) => Promise<readonly number[]>;
  /** The same of one that changes incidents, changes or records of services, on what was read since `alone` began. */
  readonly writeIncidents: (statements: readonly Statement[]) => Promise<unknown>;
  /** Runs while no tick does: records are changed by one at a time, and what others have changed is known by then. May run more than once. */
  readonly alone: <T>(work: () => Promise<T>) => Promise<T>;
  /** The move of an embedded store; null: the store is none. */
  readonly moving: Moving | null;
  /** Whether this process judges and delivers: the only one of its store, or one of several. */
  readonly role: () => 'alone' | 'leader' | 'follower';
  /** Why the doors take nothing just now; null while they do. */
  readonly notReady: () => string | null;
  readonly metrics: Metrics;
  /** Who may come in. */
  readonly access: Access;
  readonly report: (error: unknown) => void;
}
