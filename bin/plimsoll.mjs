#!/usr/bin/env node
// The command of the published package. Older versions of Node must be able to read this file: it tells them what to do.
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  console.error(
    `plimsoll needs Node 24 or newer, this is ${process.version}. Without installing anything: npx -y -p node@24 -p plimsoll plimsoll --help`,
  );
  process.exit(1);
}
// SQLite is built into Node and still says that it is new.
const { emitWarning } = process;
process.emitWarning = (warning, ...rest) => {
  if (!(String(warning).includes('SQLite') && rest.includes('ExperimentalWarning')))
    emitWarning.call(process, warning, ...rest);
};
await import('../dist/src/main.js');
