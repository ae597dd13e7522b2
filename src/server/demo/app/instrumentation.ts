// Loaded before the application (node --import): OpenTelemetry as anybody would set it up. Where to send to and under
// which name comes from the environment (OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES).
import { register } from 'node:module';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { OpenAIInstrumentation } from '@opentelemetry/instrumentation-openai';
import { NodeSDK } from '@opentelemetry/sdk-node';

register('@opentelemetry/instrumentation/hook.mjs', import.meta.url);
const sdk = new NodeSDK({ instrumentations: [new HttpInstrumentation(), new OpenAIInstrumentation()] });
sdk.start();

/** Sends what waits, and ends. */
export const shutdown = (): Promise<void> => sdk.shutdown();
