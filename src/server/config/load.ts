import { globSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import type { z } from 'zod';
import { Deployment } from '../../model/config/deployment.ts';
import { API_VERSION, KINDS } from '../../model/config/document.ts';
import { Objective } from '../../model/config/objective.ts';
import { Service } from '../../model/config/service.ts';
import { secretsOf } from '../../model/config/sink.ts';
import { storeHasTokens } from '../access/stored-tokens.ts';
import type { Configuration } from '../plimsoll.ts';
import {
  type CrossProblem,
  checkDeployment,
  checkFalseIncidents,
  checkObjective,
  checkRetention,
  checkService,
} from './cross-checks.ts';
import { type ParsedDocument, parseDocuments } from './document.ts';
import { checkCare, checkEscalation } from './escalation-checks.ts';
import { checkEvidence } from './evidence-checks.ts';
import { hookProblems } from './hook-checks.ts';
import { problemsOf } from './issues.ts';
import { suggestion } from './nearest.ts';
import { isPattern } from './places.ts';
import { type ConfigProblem, fileProblem, pathText, shown } from './problem.ts';
import { readText } from './read-text.ts';
import { secretProblem } from './secrets.ts';
import { tlsProblem } from './tls-files.ts';
import { type WrittenDocument, writtenDocument } from './written.ts';

/** Where a configuration is read from: what has to be looked at to know that it has changed. */
export interface ConfigurationPlaces {
  /** Absolute. */
  readonly files: readonly string[];
  /** Absolute, of files that may come to be. */
  readonly patterns: readonly string[];
}

export type LoadResult = ConfigurationPlaces &
  (
    | { readonly ok: true; readonly configuration: Configuration; readonly warnings: readonly ConfigProblem[] }
    | { readonly ok: false; readonly problems: readonly ConfigProblem[] }
  );

const SCHEMAS: Readonly<Record<(typeof KINDS)[number], z.ZodType>> = { Deployment, Service, Objective };

/** What runs when there is no file at all: loopback, a database in ./data, every service found in telemetry. */
export function defaultConfiguration(folder: string): Configuration {
  const deployment = Deployment.parse({ apiVersion: API_VERSION, kind: 'Deployment' });
  return { deployment: atHome(deployment, folder), services: [], objectives: [] };
}

interface Found<T> {
  readonly document: ParsedDocument;
  readonly value: T;
}

/** Whether anybody could show a token; a command that makes the first one asks nobody. */
export type HasTokens = (deployment: Deployment) => boolean;
const storedTokens: HasTokens = ({ store }) => storeHasTokens(store, Date.now());

/** Reads a deployment file and every file it names. All problems at once, each with its place; nothing is guessed. */
export function loadConfiguration(path: string, hasTokens = storedTokens): LoadResult {
  const root = resolve(path);
  const problems: ConfigProblem[] = [];
  const warnings: ConfigProblem[] = [];
  const files: string[] = [];
  const patterns: string[] = [];
  const documents: WrittenDocument[] = [];
  const deployments: Found<Deployment>[] = [];
  const services: Found<Service>[] = [];
  const objectives: Found<Objective>[] = [];
  const queue = [root];
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    if (files.includes(file)) continue;
    files.push(file);
    const read = readDocuments(file);
    problems.push(...read.problems);
    for (const document of read.documents) {
      const value = parse(document, problems);
      const named = filesNamedBy(document, problems, warnings);
      queue.push(...named.files);
      patterns.push(...named.patterns);
      if (value === null) continue;
      documents.push(writtenDocument(value.kind, document.value));
      if (value.kind === 'Service') services.push({ document, value: value.value as Service });
      else if (value.kind === 'Objective') objectives.push({ document, value: value.value as Objective });
      else deployments.push({ document, value: value.value as Deployment });
    }
  }
  const [first, ...more] = deployments;
  for (const { document } of more)
    problems.push(
      at(document, [], 'a second Deployment: one file describes one deployment', null, 'PLIM_CONFIG_DUPLICATE_NAME'),
    );
  const cross = <T>({ document, value }: Found<T>, check: (value: T) => readonly CrossProblem[]): void => {
    for (const { path, message, hint, code } of check(value)) problems.push(at(document, path, message, hint, code));
  };
  if (first !== undefined) {
    cross(first, checkEscalation);
    cross(first, (value) => checkDeployment(value, () => hasTokens(atHome(value, dirname(root)))));
    const readable = (reference: string, path: readonly PropertyKey[]): void => {
      const problem = secretProblem(reference);
      if (problem !== null) problems.push(at(first.document, path, problem, null, 'PLIM_CONFIG_SECRET_UNREADABLE'));
    };
    for (const [i, sink] of first.value.sinks.entries())
      for (const [key, reference] of secretsOf(sink)) readable(reference, ['spec', 'sinks', i, key]);
    for (const [i, { secret }] of first.value.hooks.entries()) readable(secret, ['spec', 'hooks', i, 'secret']);
    const { store } = first.value;
    if (store.type === 'postgres' && store.password !== null) readable(store.password, ['spec', 'store', 'password']);
    if (first.value.audit.key !== null) readable(first.value.audit.key, ['spec', 'audit', 'key']);
    if (first.value.auth?.oidc != null)
      readable(first.value.auth.oidc.clientSecret, ['spec', 'auth', 'oidc', 'clientSecret']);
    const { history, otlpMetrics } = first.value;
    if (history?.password != null) readable(history.password, ['spec', 'history', 'password']);
    for (const [name, reference] of Object.entries(otlpMetrics?.headers ?? {}))
      readable(reference, ['spec', 'otlpMetrics', 'headers', name]);
    problems.push(...tlsProblems(first, dirname(root)));
  }
  const allServices = services.map(({ value }) => value);
  if (first !== undefined) cross(first, (value) => hookProblems(value, allServices));
  const allObjectives = objectives.map(({ value }) => value);
  for (const [i, found] of services.entries()) cross(found, (value) => checkService(value, allServices.slice(0, i)));
  const retaining = first?.value ?? defaultConfiguration(dirname(root)).deployment;
  for (const found of services) cross(found, (value) => checkRetention(retaining, value));
  for (const found of services) cross(found, (value) => checkCare(retaining, value));
  for (const found of objectives) cross(found, (value) => checkObjective(value, allServices, allObjectives));
  for (const found of objectives) cross(found, (value) => checkEvidence(value, allServices));
  if (first !== undefined && problems.length === 0)
    cross(first, (value) => checkFalseIncidents(value, allServices, allObjectives));
  if (problems.length > 0) return { ok: false, problems: problems.map(withShortFile), files, patterns };
  const deployment =
    first === undefined ? defaultConfiguration(dirname(root)).deployment : atHome(first.value, dirname(root));
  return {
    ok: true,
    configuration: { deployment, services: allServices, objectives: allObjectives, documents },
    files,
    patterns,
    warnings: warnings.map(withShortFile),
  };
}

export type LoadedObjectives =
  | { readonly ok: true; readonly objectives: readonly Objective[] }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

/**
 * Reads the objectives of one file as if they stood in a configuration: beside its services, in place of its objectives of the
 * same names. Services in the file are passed over: those of the configuration hold.
 */
export function loadObjectives(path: string, configuration: Configuration): LoadedObjectives {
  const read = readDocuments(resolve(path));
  const problems: ConfigProblem[] = [...read.problems];
  const found: Found<Objective>[] = [];
  for (const document of read.documents) {
    const value = parse(document, problems);
    if (value?.kind === 'Objective') found.push({ document, value: value.value as Objective });
  }
  const fresh = found.map(({ value }) => value);
  const names = new Set(fresh.map(({ name }) => name));
  const all = [...fresh, ...configuration.objectives.filter(({ name }) => !names.has(name))];
  for (const { document, value } of found)
    for (const { path, message, hint, code } of [
      ...checkObjective(value, configuration.services, all),
      ...checkEvidence(value, configuration.services),
    ])
      problems.push(at(document, path, message, hint, code));
  const [first] = read.documents;
  if (problems.length === 0 && found.length === 0)
    problems.push(
      first === undefined
        ? fileProblem(resolve(path), 'this file holds no objective', 'PLIM_CONFIG_MISSING_KEY')
        : at(first, ['kind'], 'this file holds no objective', 'write kind: Objective', 'PLIM_CONFIG_MISSING_KEY'),
    );
  return problems.length > 0 ? { ok: false, problems: problems.map(withShortFile) } : { ok: true, objectives: fresh };
}

/** The store, the certificate and its key lie where the file says, seen from the file. */
const atHome = (deployment: Deployment, folder: string): Deployment => ({
  ...deployment,
  store:
    deployment.store.type === 'sqlite'
      ? { ...deployment.store, path: resolve(folder, deployment.store.path) }
      : deployment.store,
  listen: { ...deployment.listen, tls: tlsAtHome(deployment, folder) },
});

const tlsAtHome = ({ listen: { tls } }: Deployment, folder: string): Deployment['listen']['tls'] =>
  tls === null ? null : { cert: resolve(folder, tls.cert), key: resolve(folder, tls.key) };

function tlsProblems({ document, value }: Found<Deployment>, folder: string): ConfigProblem[] {
  const tls = tlsAtHome(value, folder);
  const problem = tls === null ? null : tlsProblem(tls);
  return problem === null ? [] : [at(document, ['spec', 'listen', 'tls'], problem, null, 'PLIM_CONFIG_TLS_UNREADABLE')];
}

function readDocuments(file: string): ReturnType<typeof parseDocuments> {
  const read = readText(file);
  if ('fault' in read) return unreadable(file, read.fault);
  // Whoever writes a file anew empties it first: what it held is not to be gone meanwhile, nor when they don't come to the end.
  return read.text === '' ? unreadable(file, 'it is empty') : parseDocuments(file, read.text);
}

const unreadable = (file: string, fault: string): ReturnType<typeof parseDocuments> => ({
  documents: [],
  problems: [fileProblem(file, fault, 'PLIM_CONFIG_UNREADABLE')],
});

function parse(
  document: ParsedDocument,
  problems: ConfigProblem[],
): { kind: (typeof KINDS)[number]; value: unknown } | null {
  const { value } = document;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    problems.push(
      at(
        document,
        [],
        'expected a map with apiVersion, kind, metadata and spec',
        null,
        'PLIM_CONFIG_INVALID_VALUE',
        value,
      ),
    );
    return null;
  }
  const { kind } = value as { kind?: unknown };
  const known = KINDS.find((one) => one === kind);
  if (known === undefined) {
    const message = kind === undefined ? 'missing key "kind"' : 'unknown kind';
    const hint = kind === undefined ? `one of ${KINDS.join(', ')}` : suggestion(String(kind), KINDS);
    problems.push(
      at(
        document,
        ['kind'],
        message,
        hint,
        kind === undefined ? 'PLIM_CONFIG_MISSING_KEY' : 'PLIM_CONFIG_INVALID_VALUE',
        kind,
      ),
    );
    return null;
  }
  const schema = SCHEMAS[known];
  const result = schema.safeParse(value);
  if (result.success) return { kind: known, value: result.data };
  problems.push(
    ...problemsOf(result.error.issues, {
      file: document.file,
      schema,
      document: value,
      positionOf: document.positionOf,
    }),
  );
  return null;
}

/**
 * Files that a deployment names, relative to its own; also where something else in it is wrong, so that all is told at once.
 * A pattern that matches nothing is odd, a file that is not there is wrong.
 */
function filesNamedBy(
  document: ParsedDocument,
  problems: ConfigProblem[],
  warnings: ConfigProblem[],
): ConfigurationPlaces {
  const folder = dirname(document.file);
  const { kind, spec } = (document.value ?? {}) as { kind?: unknown; spec?: { services?: unknown } | null };
  const named = kind === 'Deployment' && Array.isArray(spec?.services) ? spec.services : [];
  const patterns: string[] = [];
  const files = named.flatMap((pattern: unknown, i) => {
    if (typeof pattern !== 'string' || pattern === '') return [];
    const place = ['spec', 'services', i];
    if (!isPattern(pattern)) return [isAbsolute(pattern) ? pattern : resolve(folder, pattern)];
    patterns.push(resolve(folder, pattern));
    try {
      const matched = globSync(pattern, { cwd: folder }).sort();
      if (matched.length === 0)
        warnings.push(at(document, place, 'no file matches this pattern', null, 'PLIM_CONFIG_NO_MATCH', pattern));
      return matched.map((name) => resolve(folder, name));
    } catch (error) {
      problems.push(
        at(
          document,
          place,
          `no usable pattern: ${(error as Error).message}`,
          null,
          'PLIM_CONFIG_INVALID_VALUE',
          pattern,
        ),
      );
      return [];
    }
  });
  return { files, patterns };
}

const at = (
  document: ParsedDocument,
  path: readonly PropertyKey[],
  message: string,
  hint: string | null,
  code: string,
  value?: unknown,
): ConfigProblem => ({
  file: document.file,
  ...document.positionOf(path),
  path: pathText(path),
  found: shown(value),
  message,
  hint,
  code,
});

/** Paths as people typed them: from where they stand. */
const withShortFile = (problem: ConfigProblem): ConfigProblem => {
  const short = relative(process.cwd(), problem.file);
  return { ...problem, file: short.startsWith('..') || short === '' ? problem.file : short };
};
