// Finds, or installs (Debian, as root), the real programs that tests talk to. Elsewhere it says what will be skipped.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { areInstalled, installApplications } from '../test/compat/install.ts';
import { POSTGRES } from '../test/postgres/server.ts';
import { hasPython, preparePython } from '../test/python.ts';
import { INFLUXDB } from '../test/standins/influxdb-program.ts';

const NEEDED = [
  { program: '/usr/bin/curl', package: 'curl' },
  { program: '/usr/bin/prometheus', package: 'prometheus' },
  { program: '/usr/bin/prometheus-alertmanager', package: 'prometheus-alertmanager' },
  { program: INFLUXDB, package: 'influxdb' },
  { program: '/usr/bin/chromium', package: 'chromium' },
  { program: POSTGRES ?? '/usr/lib/postgresql/15/bin/postgres', package: 'postgresql' },
];

const missing = NEEDED.filter((needed) => !existsSync(needed.program));
if (missing.length > 0) {
  const names = missing.map((needed) => needed.package);
  const canInstall = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
  if (canInstall) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
    const apt = (...args: string[]): boolean =>
      spawnSync('apt-get', ['-q', '-y', '-o', 'Dpkg::Use-Pty=0', ...args], {
        stdio: ['ignore', 'ignore', 'inherit'],
        env,
      }).status === 0;
    console.log(`installing ${names.join(', ')} (Debian packages)`);
    if (!apt('install', '--no-install-recommends', ...names)) {
      apt('update');
      apt('install', '--no-install-recommends', ...names);
    }
  }
  for (const needed of missing)
    if (!existsSync(needed.program))
      console.log(
        `SKIPPING the tests that need ${needed.program}: install the Debian package ${needed.package}, or run as root`,
      );
}

if (!hasPython) {
  console.log('installing the Python packages of test/python-requirements.txt');
  const problem = preparePython();
  if (problem !== null) console.log(`SKIPPING the tests that need Python: ${problem}`);
}

if (!areInstalled) {
  console.log('installing the applications of test/compat (npm)');
  const problem = installApplications();
  if (problem !== null) console.log(`SKIPPING the tests of real instrumentations: ${problem}`);
}
