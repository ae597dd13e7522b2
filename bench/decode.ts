// How many spans a second one core decodes into records, and judges. Figures are min / median / max of the rounds.
//   node bench/decode.ts [rounds] [seconds a round]
import { NOTHING_DECLARED } from '../collectors/dialects/declared.ts';
import { dialects } from '../collectors/dialects/index.ts';
import { TraceDecoder } from '../collectors/otlp/decode.ts';
import { judgeTrace } from '../src/interactions/judge.ts';
import { Dictionary } from '../src/model/dictionary.ts';
import { spansOfRecords } from '../src/model/span-record.ts';
import { otlpBody } from './otlp-bodies.ts';

const rounds = Number(process.argv[2] ?? 7);
const seconds = Number(process.argv[3] ?? 1);
const now = Date.now();
const window = { now, retention: 45 * 86_400_000 };

function perSecond(units: number, run: () => void): string {
  const rates = Array.from({ length: rounds }, () => {
    const start = performance.now();
    let done = 0;
    while (performance.now() - start < seconds * 1000) {
      run();
      done += units;
    }
    return (done / (performance.now() - start)) * 1000;
  }).sort((a, b) => a - b);
  const show = (rate: number | undefined) => `${Math.round((rate ?? 0) / 1000)}k`;
  return `${show(rates[0])} / ${show(rates[rates.length >> 1])} / ${show(rates.at(-1))}`;
}

const decoder = new TraceDecoder({ dialects, dictionary: new Dictionary(), declared: NOTHING_DECLARED });
for (const content of [0, 4500]) {
  const bodies = Array.from({ length: 32 }, () => otlpBody({ spans: 512, content, now }));
  const bytes = bodies.reduce((sum, body) => sum + body.length, 0) / bodies.length / 512;
  let turn = 0;
  const decode = () => decoder.decode(bodies[turn++ % bodies.length]!, window);
  console.log(`decode and records, ${Math.round(bytes)} B a span: ${perSecond(512, decode)} spans/s`);
}

const traces = [...spansOfRecords(decoder.decode(otlpBody({ spans: 512, content: 0, now }), window).records)].map(
  (span) => [span],
);
console.log(
  `judge traces of one span: ${perSecond(512, () => traces.forEach((trace) => void judgeTrace(trace)))} traces/s`,
);
