import {
  type ChannelCredentials,
  credentials,
  Metadata,
  makeClientConstructor,
  type ServiceError,
} from '@grpc/grpc-js';
import { protobufOfTraces, Rejects } from '../../../collectors/otlp/index.ts';
import { type Exchange, otlpOf } from '../world.ts';

const identity = (bytes: Buffer): Buffer => bytes;
const TraceService = makeClientConstructor(
  {
    Export: {
      path: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
      requestStream: false,
      responseStream: false,
      requestSerialize: identity,
      requestDeserialize: identity,
      responseSerialize: identity,
      responseDeserialize: identity,
    },
  },
  'TraceService',
);
export interface GrpcOptions {
  readonly token?: string;
  readonly channel?: ChannelCredentials;
}

/** Sends spans as a real client of gRPC: the code of the call, 0 when it was taken, and what was answered. */
export async function exportSpans(
  url: string,
  exchanges: readonly Exchange[],
  { token, channel = credentials.createInsecure() }: GrpcOptions = {},
): Promise<{ code: number; text: string }> {
  const client = new TraceService(new URL(url).host, channel);
  const metadata = new Metadata();
  if (token !== undefined) metadata.set('authorization', `Bearer ${token}`);
  const body = protobufOfTraces(Buffer.from(JSON.stringify(otlpOf(exchanges))), new Rejects());
  try {
    return await new Promise((resolve) => {
      client['Export']!(body, metadata, (error: ServiceError | null, answer: Buffer) =>
        resolve({ code: error?.code ?? 0, text: error?.details ?? answer.toString('latin1') }),
      );
    });
  } finally {
    client.close();
  }
}
