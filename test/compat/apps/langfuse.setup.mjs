import { LangfuseSpanProcessor } from '@langfuse/otel';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { NodeSDK } from '@opentelemetry/sdk-node';

const sdk = new NodeSDK({ spanProcessors: [new LangfuseSpanProcessor({ exporter: new OTLPTraceExporter() })] });
sdk.start();
process.once('beforeExit', () => sdk.shutdown());
