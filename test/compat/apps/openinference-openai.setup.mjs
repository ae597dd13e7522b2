import { register } from 'node:module';
import { OpenAIInstrumentation } from '@arizeai/openinference-instrumentation-openai';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { NodeSDK } from '@opentelemetry/sdk-node';
import OpenAI from 'openai';

register('@opentelemetry/instrumentation/hook.mjs', import.meta.url);
const openai = new OpenAIInstrumentation();
openai.manuallyInstrument(OpenAI);
const sdk = new NodeSDK({ instrumentations: [new HttpInstrumentation(), openai] });
sdk.start();
process.once('beforeExit', () => sdk.shutdown());
