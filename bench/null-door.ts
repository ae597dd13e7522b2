// The door for spans with nothing behind it: what decoding alone can take.
import { NOTHING_DECLARED } from '../collectors/dialects/declared.ts';
import { dialects } from '../collectors/dialects/index.ts';
import { OtlpHttpServer, TraceDecoder } from '../collectors/otlp/index.ts';
import { Dictionary } from '../src/model/dictionary.ts';

const decoder = new TraceDecoder({ dialects, dictionary: new Dictionary(), declared: NOTHING_DECLARED });
const server = new OtlpHttpServer({
  sink: {
    submit: async ({ count }) => ({ stored: count, duplicates: 0 }),
    evaluate: async (all) => ({ stored: all.length, duplicate: 0, failed: 0 }),
    countCalls: async (all) => ({ stored: all.length, duplicates: 0 }),
  },
  decoder: () => decoder,
  clock: Date.now,
  retention: () => 45 * 86_400_000,
  counters: { answered() {}, received() {}, taken() {}, rejected() {}, signals() {}, abandoned() {}, limited() {} },
  report: console.error,
});
const { port } = await server.listen(0, '127.0.0.1');
console.log(JSON.stringify({ ready: `http://127.0.0.1:${port}` }));
process.once('SIGTERM', () => process.exit(0));
