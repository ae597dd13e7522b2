import { NodeSDK } from '@opentelemetry/sdk-node';
import { disableGenkitOTelInitialization } from 'genkit/tracing';

disableGenkitOTelInitialization();
const sdk = new NodeSDK();
sdk.start();
process.once('beforeExit', () => sdk.shutdown());
