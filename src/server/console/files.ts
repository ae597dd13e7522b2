import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import express, { type RequestHandler, Router } from 'express';

/** Where the built console lies: beside this file in the package, in `dist/` of a checkout. */
const FOLDERS = ['../../../dist/console/', '../../../console/'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);

const NOT_BUILT = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Plimsoll</title>
<p>The console is not built: run <code>npm run build:console</code> and load this page again.
The API is at <a href="/api/v1/services">/api/v1</a>.</p></html>`;

const PLACES = /^\/(services|incidents|problems|silences|changes|objectives|deliveries|sign-in)(\/|$)/;

/** The console: static files, and its one page for every address that is a place in it. Looked for until it is there. */
export function consoleFiles(folders: readonly string[] = FOLDERS): RequestHandler {
  let built: RequestHandler | null = null;
  const notBuilt = Router();
  notBuilt.get(['/', PLACES], (_request, response) => {
    response.type('html').send(NOT_BUILT);
  });
  return (request, response, next) => {
    if (built === null) {
      const folder = folders.find((path) => existsSync(`${path}index.html`));
      if (folder !== undefined) built = filesIn(folder);
    }
    return (built ?? notBuilt)(request, response, next);
  };
}

function filesIn(folder: string): RequestHandler {
  const router = Router();
  // Names in assets/ change with what they hold.
  router.use('/assets', express.static(`${folder}assets`, { immutable: true, maxAge: '365d', index: false }));
  router.use(express.static(folder, { index: 'index.html', maxAge: 0, etag: true }));
  router.get(PLACES, (_request, response) => {
    response.sendFile('index.html', { root: folder });
  });
  return router;
}
