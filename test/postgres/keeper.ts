// Keeps the PostgreSQL that all tests of a run share: `node keeper.ts FILE PID` writes the server's port to the file, and stops the
// server when the run's process has ended.
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { startPostgres } from './server.ts';

const [file, run] = [process.argv[2]!, Number(process.argv[3])];
const server = await startPostgres();
writeFileSync(`${file}.new`, String(server.port));
renameSync(`${file}.new`, file);

const isAlive = (): boolean => {
  try {
    process.kill(run, 0);
    return true;
  } catch {
    return false;
  }
};
const watching = setInterval(async () => {
  if (isAlive()) return;
  clearInterval(watching);
  await server.stop();
  rmSync(dirname(file), { recursive: true, force: true });
}, 500);
