// A program of its own, since authorities are only added at the start (NODE_EXTRA_CA_CERTS): sends a mail to each address, says what became of them.
import { createMail } from '../../src/sinks/mail.ts';

const mail = createMail({ allow: ['127.0.0.1'], resolve: async () => [{ address: '127.0.0.1', family: 4 }] });
const request = {
  tls: 'required',
  from: 'plimsoll@example.com',
  to: ['a@example.com'],
  message: 'Subject: it\r\n\r\nit\r\n',
} as const;
const login = process.env['LOGIN'] === undefined ? {} : { login: JSON.parse(process.env['LOGIN']) };
const results: unknown[] = [];
for (const url of process.argv.slice(2)) results.push(await mail({ ...request, ...login, url }));
process.stdout.write(JSON.stringify(results));
