import { register } from 'node:module';
import { LangChainInstrumentation } from '@arizeai/openinference-instrumentation-langchain';
import * as callbacks from '@langchain/core/callbacks/manager';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { NodeSDK } from '@opentelemetry/sdk-node';

register('@opentelemetry/instrumentation/hook.mjs', import.meta.url);
const langchain = new LangChainInstrumentation();
langchain.manuallyInstrument(callbacks);
const sdk = new NodeSDK({ instrumentations: [new HttpInstrumentation(), langchain] });
sdk.start();
process.once('beforeExit', () => sdk.shutdown());
