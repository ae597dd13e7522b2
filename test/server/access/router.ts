import type { Express } from 'express';
import { DEFAULT_LIMITS } from '../../../src/model/config/limits.ts';
import { createApp } from '../../../src/server/api/app.ts';
import type { ApiContext } from '../../../src/server/api/context.ts';

interface Layer {
  readonly route?: { readonly path: string | RegExp | readonly string[]; readonly methods: Record<string, boolean> };
  readonly handle: { readonly stack?: readonly Layer[] };
  match(path: string): boolean;
}

/** Says yes to everything: routes are only looked at. */
const anything: unknown = new Proxy(() => {}, { get: () => anything, apply: () => anything });
const yesBut = (known: Record<PropertyKey, unknown>): unknown =>
  new Proxy(known, { get: (_, key) => known[key] ?? anything });
const context = yesBut({
  version: '1.0.0',
  limits: DEFAULT_LIMITS,
  access: yesBut({ isSecure: false }),
}) as ApiContext;

/** Every route that Express has, as `GET /api/v1/services/{name}`. */
export function routesOf(app: Express = createApp(context)): string[] {
  return routesIn((app as unknown as { router: { stack: readonly Layer[] } }).router.stack, '').sort();
}

const PREFIXES = ['/api/v1'];

function routesIn(stack: readonly Layer[], prefix: string): string[] {
  return stack.flatMap((layer) => {
    if (layer.route !== undefined)
      return Object.keys(layer.route.methods).map(
        (method) => `${method.toUpperCase()} ${prefix}${String(layer.route!.path).replaceAll(/:(\w+)/g, '{$1}')}`,
      );
    if (layer.handle.stack === undefined) return [];
    const own = layer.match('/nowhere-at-all') ? '' : PREFIXES.find((one) => layer.match(one));
    if (own === undefined) throw new Error('a router is mounted where this does not look: add its path to PREFIXES');
    return routesIn(layer.handle.stack, prefix + own);
  });
}
