import { trace } from '@opentelemetry/api';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { RunTree } from 'langsmith';
import { initializeOTEL } from 'langsmith/experimental/otel/setup';

process.env.LANGSMITH_TRACING = 'true';
process.env.LANGSMITH_TRACING_MODE = 'otel';
const sdk = new NodeSDK();
sdk.start();
initializeOTEL({ globalTracerProvider: trace.getTracerProvider(), skipGlobalContextManagerSetup: true });
process.once('beforeExit', async () => {
  await RunTree.getSharedClient().awaitPendingTraceBatches();
  await sdk.shutdown();
});
