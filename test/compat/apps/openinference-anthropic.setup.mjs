import { register } from 'node:module';
import Anthropic from '@anthropic-ai/sdk';
import { AnthropicInstrumentation } from '@arizeai/openinference-instrumentation-anthropic';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { NodeSDK } from '@opentelemetry/sdk-node';

register('@opentelemetry/instrumentation/hook.mjs', import.meta.url);
const anthropic = new AnthropicInstrumentation();
anthropic.manuallyInstrument(Anthropic);
const sdk = new NodeSDK({ instrumentations: [new HttpInstrumentation(), anthropic] });
sdk.start();
process.once('beforeExit', () => sdk.shutdown());
