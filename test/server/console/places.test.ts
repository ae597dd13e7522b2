import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  outsideLink,
  placeAt,
  placeOfIncident,
  placeOfRecord,
  placeOfService,
  traceLink,
} from '../../../src/server/console/app/logic/places.ts';

describe('places in the console', () => {
  it.each([
    ['/', '', { page: 'fleet' }],
    ['/incidents', '', { page: 'incidents', state: 'open' }],
    ['/incidents/', '?state=all', { page: 'incidents', state: 'all' }],
    ['/incidents/INC-7', '', { page: 'incident', id: 'INC-7' }],
    ['/deliveries', '', { page: 'deliveries' }],
    ['/deliveries/x', '', { page: 'nowhere' }],
    ['/problems', '', { page: 'problems', state: 'open' }],
    ['/problems', '?state=closed', { page: 'problems', state: 'closed' }],
    ['/problems/PRB-1', '', { page: 'problem', id: 'PRB-1' }],
    ['/problems/PRB-1/more', '', { page: 'nowhere' }],
    ['/changes', '?state=authorize', { page: 'changes', state: 'authorize' }],
    ['/changes/release-42', '', { page: 'change', id: 'release-42' }],
    ['/silences', '', { page: 'silences', state: 'current', incident: null }],
    ['/silences', '?state=expired', { page: 'silences', state: 'expired', incident: null }],
    ['/silences', '?incident=INC-7', { page: 'silences', state: 'current', incident: 'INC-7' }],
    ['/services/bot', '', { page: 'service', name: 'bot', environment: null }],
    ['/objectives/bot-availability', '', { page: 'objective', name: 'bot-availability' }],
    ['/services', '', { page: 'nowhere' }],
    ['/services/a/b', '', { page: 'nowhere' }],
    ['/services/%', '', { page: 'nowhere' }],
    ['/else', '', { page: 'nowhere' }],
  ])('%s%s', (path, search, place) => {
    expect(placeAt(path, search)).toEqual(place);
  });

  it('finds every service again, whatever telemetry calls it', () => {
    const name = fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => !/^\.{1,2}$/.test(text));
    fc.assert(
      fc.property(name, fc.option(name), (service, environment) => {
        const url = new URL(placeOfService(service, environment), 'http://console');
        expect(placeAt(url.pathname, url.search)).toEqual({ page: 'service', name: service, environment });
        expect(placeAt(placeOfIncident(service), '')).toEqual({ page: 'incident', id: service });
      }),
    );
  });
});

it('what a message is about is an incident or a problem', () => {
  expect(placeOfRecord('PRB-7')).toBe('/problems/PRB-7');
  expect(placeOfRecord('INC-7')).toBe('/incidents/INC-7');
});

describe('links that leave the console', () => {
  it.each([
    'javascript:alert(1)',
    'data:text/html,x',
    ' JaVaScRiPt:alert(1)',
    'vbscript:x',
    '/relative',
    'file:///etc/passwd',
    '',
  ])('never lead to %j', (address) => {
    expect(outsideLink(address)).toBeNull();
  });

  it('lead to http and https, with the trace id where the file says', () => {
    expect(outsideLink('https://wiki.example/a')).toBe('https://wiki.example/a');
    expect(traceLink('https://tracer.example/t/{traceId}?x={traceId}', 'abc')).toBe(
      'https://tracer.example/t/abc?x=abc',
    );
    expect(traceLink('https://tracer.example/{traceId}', '../"><script>')).toBe(
      'https://tracer.example/..%2F%22%3E%3Cscript%3E',
    );
    expect(traceLink(null, 'abc')).toBeNull();
  });
});
