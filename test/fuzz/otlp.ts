import assert from 'node:assert/strict';
import { protobufOfLogs } from '../../collectors/otlp/json-logs.ts';
import { protobufOfMetrics } from '../../collectors/otlp/json-metrics.ts';
import { protobufOfTraces } from '../../collectors/otlp/json-traces.ts';
import { MalformedJson } from '../../collectors/otlp/json-writer.ts';
import { LogDecoder } from '../../collectors/otlp/logs.ts';
import { MetricDecoder } from '../../collectors/otlp/metrics.ts';
import { Rejects } from '../../collectors/otlp/rejects.ts';
import { MalformedBody } from '../../collectors/otlp/wire.ts';
import { Dictionary } from '../../src/model/dictionary.ts';
import { compareFrames, compareWithOracle } from '../collectors/otlp/agreement.ts';
import { ExportRequest } from '../collectors/otlp/oracle.ts';
import { RandomRequests } from '../collectors/otlp/random-request.ts';
import { decoderWith, samples, WINDOW } from '../collectors/otlp/samples.ts';
import { vocabulary } from '../collectors/otlp/vocabulary.ts';
import { mutated, oddJson } from './mutate.ts';
import type { FuzzTarget } from './target.ts';

/** Larger ones hold more of the same. */
const MAX_RECORDED = 10_000;
const recordedProtobuf = samples.flatMap(({ protobuf }) => protobuf).filter((body) => body.length < MAX_RECORDED);
const recordedJson = samples.flatMap(({ json }) => json).filter((body) => body.length < MAX_RECORDED);

/** The decoder of spans, beside protobufjs. */
export function protobufTarget(seed: number): FuzzTarget {
  const requests = new RandomRequests(seed, vocabulary);
  const dictionary = new Dictionary();
  const decoder = decoderWith(dictionary);
  return {
    name: 'protobuf',
    share: 4000,
    next: (random) => {
      const body =
        random() < 0.05 ? requests.next() : recordedProtobuf[Math.floor(random() * recordedProtobuf.length)]!;
      return random() < 0.05 ? body : mutated(body, random, recordedProtobuf);
    },
    run: (input) => {
      const isTakenByOracle = decodedByOracle(input) !== null;
      try {
        const { refused } = compareWithOracle(input, decoder, dictionary, compareFrames);
        return refused > 0 ? 'taken in part' : 'taken';
      } catch (error) {
        if (error instanceof MalformedBody) return 'refused';
        assert(isTakenByOracle, 'taken, and protobufjs refuses it');
        throw error;
      }
    },
  };
}

/** The reader of OTLP/JSON: what it writes is a request for the decoder, and for protobufjs. */
export function jsonTarget(): FuzzTarget {
  const decoder = decoderWith(new Dictionary());
  return {
    name: 'json',
    share: 2000,
    next: (random) => {
      const body = recordedJson[Math.floor(random() * recordedJson.length)]!;
      const odd = random() < 0.7 ? oddJson(body, random) : body;
      return random() < 0.3 ? mutated(odd, random, recordedJson) : odd;
    },
    run: (input) => {
      const rejects = new Rejects();
      let protobuf: Buffer;
      try {
        protobuf = protobufOfTraces(input, rejects);
      } catch (error) {
        if (error instanceof MalformedJson) return 'refused';
        throw error;
      }
      assert(decodedByOracle(protobuf) !== null, 'what was written is no protobuf');
      return decoder.decode(protobuf, WINDOW, rejects).rejected.length > 0 ? 'taken in part' : 'taken';
    },
  };
}

/** The decoders of logs and metrics, in both forms. */
export function otherSignalTargets(): FuzzTarget[] {
  const logs = new LogDecoder();
  const metrics = new MetricDecoder();
  return [
    signalTarget('logs', protobufOfLogs, (body, rejects) => logs.decode(body, WINDOW, rejects)),
    signalTarget('metrics', protobufOfMetrics, (body, rejects) => metrics.decode(body, WINDOW, rejects)),
  ];
}

function signalTarget(
  name: 'logs' | 'metrics',
  protobufOfJson: (body: Buffer, rejects: Rejects) => Buffer,
  decode: (body: Buffer, rejects: Rejects) => unknown,
): FuzzTarget {
  const recorded = recordingsOf(name);
  return {
    name,
    share: 500,
    next: (random) => {
      const body = recorded[Math.floor(random() * recorded.length)]!;
      return mutated(isJson(body) && random() < 0.5 ? oddJson(body, random) : body, random, recorded);
    },
    run: (input) => {
      const rejects = new Rejects();
      try {
        decode(isJson(input) ? protobufOfJson(input, rejects) : input, rejects);
        return rejects.list.length > 0 ? 'taken in part' : 'taken';
      } catch (error) {
        if (error instanceof MalformedBody || error instanceof MalformedJson) return 'refused';
        throw error;
      }
    },
  };
}

const isJson = (body: Buffer): boolean => body[0] === 0x7b;

const recordingsOf = (signal: 'logs' | 'metrics'): Buffer[] =>
  samples.flatMap((one) => [...one[signal].protobuf, ...one[signal].json]).filter((body) => body.length < MAX_RECORDED);

function decodedByOracle(input: Buffer): object | null {
  try {
    return ExportRequest.decode(input);
  } catch {
    return null;
  }
}
