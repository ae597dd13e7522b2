// The AI application of the demo: a support bot. One model call an answer, and an evaluator that checks the answer's figures
// against the passage. Everything that Plimsoll sees of it comes from the instrumentations and from its REST API.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { trace } from '@opentelemetry/api';
import OpenAI from 'openai';
import { GOOD_PROMPT, groundedness, PASSAGES, PROMPTS } from '../shop.ts';
import { shutdown } from './instrumentation.ts';

const AGENT = 'support-bot';
const EVALUATOR = { evaluator: 'figures-in-passage', evaluatorVersion: '1' };

const plimsoll = process.env['PLIMSOLL_URL'];
const model = new OpenAI({ apiKey: 'not needed by the stand-in', baseURL: process.env['MODEL_URL'], maxRetries: 1 });
const tracer = trace.getTracer(AGENT);
let prompt = PROMPTS[GOOD_PROMPT]!;

/** The passage that knows the question, as a search would find it. */
const retrieve = (question: string) => PASSAGES.find((passage) => passage.questions.includes(question)) ?? PASSAGES[0]!;

function answer(question: string): Promise<{ answer: string; traceId: string; spanId: string }> {
  const attributes = {
    'gen_ai.operation.name': 'invoke_agent',
    'gen_ai.agent.name': AGENT,
    'gen_ai.prompt.name': 'answer',
    'gen_ai.prompt.version': prompt.version,
  };
  return tracer.startActiveSpan(`invoke_agent ${AGENT}`, { attributes }, async (span) => {
    try {
      const passage = retrieve(question);
      const completion = await model.chat.completions.create({
        model: 'gpt-4o-mini',
        messages: [
          { role: 'system', content: prompt.text },
          { role: 'user', content: `Passage: ${passage.text}\nQuestion: ${question}` },
        ],
      });
      const text = completion.choices[0]?.message.content ?? '';
      const { traceId, spanId } = span.spanContext();
      void evaluate(traceId, groundedness(text, passage.text));
      return { answer: text, traceId, spanId };
    } finally {
      span.end();
    }
  });
}

async function evaluate(traceId: string, score: number): Promise<void> {
  const evaluations = [{ traceId, name: 'groundedness', score, ...EVALUATOR }];
  try {
    const response = await fetch(`${plimsoll}/api/v1/evaluations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ evaluations }),
    });
    if (!response.ok) console.error(`an evaluation was not taken: ${response.status} ${await response.text()}`);
  } catch (error) {
    console.error(`an evaluation was not sent: ${error}`);
  }
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, string>> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return JSON.parse(text);
}

const server = createServer(async (request, response) => {
  const reply = (status: number, body: object): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  try {
    const body = await bodyOf(request);
    if (request.url === '/ask') return reply(200, await answer(body['question'] ?? ''));
    const wanted = PROMPTS[body['version'] ?? ''];
    if (request.url !== '/prompt' || wanted === undefined) return reply(404, { error: 'not there' });
    prompt = wanted;
    reply(200, { version: prompt.version });
  } catch (error) {
    reply(500, { error: String(error) });
  }
});

server.listen(0, '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});

let stopping = false;
const stop = async (): Promise<void> => {
  if (stopping) return;
  stopping = true;
  server.close();
  server.closeIdleConnections();
  await shutdown();
  process.exit(0);
};
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
// Whoever started it is gone.
process.on('disconnect', stop);
