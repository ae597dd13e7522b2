import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { COMPONENT_KINDS, type SeenComponent } from '../../src/catalog/seen-component.ts';
import { Objective } from '../../src/model/config/objective.ts';
import { Service } from '../../src/model/config/service.ts';
import { objectiveDocument, serviceDocument } from '../../src/server/adopt/file.ts';
import type { AdoptedService } from '../../src/server/adopt/history.ts';

const HOSTILE = [
  'x\n---\napiVersion: plimsoll/v1\nkind: Deployment\nmetadata: {name: evil}\n',
  'a: b',
  '- x',
  '# no',
  '"quoted"',
  "it's",
  '{a: b}',
  '*alias',
  '&anchor',
  '!!js/function x',
  '%TAG',
  '\u2028owner: {name: evil}',
  '\r\nowner: {name: evil}\r\n',
  '\u0085kind: Deployment',
  'null',
  '~',
];
const name = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }).map((text) => text.toWellFormed()),
);
const component: fc.Arbitrary<SeenComponent> = fc.record({
  kind: fc.constantFrom(...COMPONENT_KINDS),
  provider: fc.option(name),
  name,
  firstSeen: fc.constant(null),
  lastDay: fc.constant(1),
  traces: fc.constant([]),
});

it('whatever telemetry calls things, the file that is written is a service of these names and nothing more', () => {
  fc.assert(
    fc.property(
      name,
      name,
      fc.array(component, { maxLength: 6 }),
      fc.array(name, { maxLength: 3 }),
      (service, environment, components, unjudged) => {
        const adopted = {
          service: { name: service, environment },
          components,
          slices: new Map([['response_model', { count: unjudged.length, examples: unjudged }]]),
          unjudged,
        } as unknown as AdoptedService;
        const proposal = {
          name: 'a-correct',
          suffix: 'correct',
          measure: { type: 'accuracy', label: service },
          target: 0.9,
          events: 100,
          because: `1 of 100 of the labels say that the answer was not ${service}`,
          detects: [],
        };
        const documents = [serviceDocument(adopted), objectiveDocument(proposal, 'a', environment)];
        const text = documents.map((one) => one.toString({ lineWidth: 0 })).join('---\n');
        const read = parseAllDocuments(text, { uniqueKeys: true });
        expect(read.map((one) => (one as { errors: unknown[] }).errors)).toEqual([[], []]);
        const [file, objective] = read.map((one) => (one as { toJS(): Record<string, unknown> }).toJS());
        expect(Object.keys(file!)).toEqual(['apiVersion', 'kind', 'metadata', 'spec']);
        const parsed = Service.parse(file);
        expect(parsed.owner).toBeNull();
        expect(parsed.environment).toBe(environment);
        const tools = components.filter(({ kind }) => kind === 'tool').map((one) => one.name);
        expect(new Set(parsed.tools.map((one) => one.name))).toEqual(new Set(tools));
        expect(Objective.parse(objective)).toMatchObject({ measure: { label: service }, environment });
      },
    ),
  );
});
