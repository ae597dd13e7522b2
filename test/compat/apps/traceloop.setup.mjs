import * as traceloop from '@traceloop/node-server-sdk';
import OpenAI from 'openai';

traceloop.initialize({
  baseUrl: process.env.OTEL_EXPORTER_OTLP_ENDPOINT,
  appName: process.env.OTEL_SERVICE_NAME,
  instrumentModules: { openAI: OpenAI },
  silenceInitializationMessage: true,
});
process.once('beforeExit', () => traceloop.forceFlush());
