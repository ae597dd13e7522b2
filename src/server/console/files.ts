import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import express, { type RequestHandler, Router } from 'express';

/** Where the built console lies: beside this file in the package, in `dist/` of a checkout. */
const FOLDERS = ['../../../dist/console/', '../../../console/'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);

const NOT_BUILT = `<!doctype html><meta charset="utf-8"><title>Plimsoll</title>
<p>The console is not built: run <code>npm run build:console</code>. The API is at <a href="/api/v1/services">/api/v1</a>.</p>`;

/** The console: static files, and its one page for every address that is a place in it. */
export function consoleFiles(): RequestHandler {
  const folder = FOLDERS.find((path) => existsSync(`${path}index.html`));
  const router = Router();
  if (folder === undefined) {
    router.get('/', (_request, response) => {
      response.type('html').send(NOT_BUILT);
    });
    return router;
  }
  router.use(express.static(folder, { index: 'index.html', maxAge: 0, etag: true }));
  router.get(/^\/(services|incidents|objectives)(\/|$)/, (_request, response) => {
    response.sendFile('index.html', { root: folder });
  });
  return router;
}
