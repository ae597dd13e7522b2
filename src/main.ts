#!/usr/bin/env node
// Who is told to read its files again before it has read them does nothing; a signal that nobody listens to would end it.
if (process.argv[2] === 'serve') process.on('SIGHUP', () => {});
await import('./program.ts');
