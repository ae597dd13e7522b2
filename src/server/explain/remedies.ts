/** What a measure or a view needs of telemetry, beyond what every span has. */
export type Lack =
  | 'time to first token'
  | 'tokens'
  | 'model'
  | 'prompt version'
  | 'conversation'
  | 'user'
  | 'response id';

/** How to send what is missing. */
export interface Remedy {
  /** Whoever writes the spans. Attributes stand in backquotes: a test looks whether they are read. */
  readonly general: string;
  /** By the name of a dialect: the setting or call that makes its instrumentations write it. */
  readonly of: Readonly<Record<string, string>>;
}

export const REMEDIES: Readonly<Record<Lack, Remedy>> = {
  'time to first token': {
    general: 'on spans of streamed calls set `gen_ai.response.time_to_first_chunk`, in seconds',
    of: {
      OpenInference: 'when the first piece comes, add the event `First Token Stream Event` to the span',
      'Vercel AI SDK': 'use streamText or streamObject: they write `ai.response.msToFirstChunk`; generateText has none',
      Langfuse: 'give the generation a completionStartTime: it is sent as `langfuse.observation.completion_start_time`',
      Mastra: 'use stream() instead of generate(): it writes `mastra.completion_start_time`',
    },
  },
  tokens: {
    general:
      'set `gen_ai.usage.input_tokens` and `gen_ai.usage.output_tokens`; of streamed OpenAI calls ask for them with stream_options: {include_usage: true}',
    of: {
      OpenInference:
        'of streamed OpenAI calls ask for them with stream_options: {include_usage: true}; they come as `llm.token_count.prompt` and `llm.token_count.completion`',
      Langfuse: 'give the generation usageDetails: they are sent as `langfuse.observation.usage_details`',
    },
  },
  model: {
    general: 'set `gen_ai.request.model` and `gen_ai.response.model`',
    of: {
      OpenInference: 'set `llm.model_name`',
      Langfuse: 'give the generation a model: it is sent as `langfuse.observation.model.name`',
    },
  },
  'prompt version': {
    general:
      'set `gen_ai.prompt.version` on the span of the call or the agent; or send `gen_ai.system_instructions`: a hash of them then tells versions apart, they themselves are not kept',
    of: {
      OpenInference: 'set `llm.prompt_template.version` (using_prompt_template or setPromptTemplate, with a version)',
      'Vercel AI SDK':
        'leave recordInputs on: a hash of the system message in `ai.prompt` then tells versions apart, it itself is not kept; or set `gen_ai.prompt.version`',
      Langfuse: 'link the prompt to the generation (prompt: …): it is sent as `langfuse.observation.prompt.version`',
      OpenLLMetry:
        'take prompts from its registry, which writes `traceloop.prompt.version`; or set `gen_ai.prompt.version`',
    },
  },
  conversation: {
    general: 'set `gen_ai.conversation.id` on the span of the call, the agent or the request',
    of: {
      OpenInference: 'wrap the request in using_session or setSession: it writes `session.id`',
      'Vercel AI SDK':
        'pass experimental_telemetry: {metadata: {sessionId}}: it is sent as `ai.telemetry.metadata.sessionId`',
      Langfuse: 'give the trace a sessionId (propagateAttributes): it is sent as `session.id`',
      OpenLLMetry:
        'call withAssociationProperties with session_id: it is sent as `traceloop.association.properties.session_id`',
      LangSmith: 'pass metadata: {session_id}: it is sent as `langsmith.metadata.session_id`',
      Mastra: 'pass tracingOptions: {metadata: {sessionId}}: it is sent as `mastra.metadata.sessionId`',
    },
  },
  user: {
    general: 'set `user.id`, a pseudonym rather than a name',
    of: {
      OpenInference: 'wrap the request in using_user or setUser: it writes `user.id`',
      'Vercel AI SDK':
        'pass experimental_telemetry: {metadata: {userId}}: it is sent as `ai.telemetry.metadata.userId`',
      Langfuse: 'give the trace a userId (propagateAttributes): it is sent as `user.id`',
      OpenLLMetry:
        'call withAssociationProperties with user_id: it is sent as `traceloop.association.properties.user_id`',
      LangSmith: 'pass metadata: {user_id}: it is sent as `langsmith.metadata.user_id`',
      Mastra: 'pass tracingOptions: {metadata: {userId}}: it is sent as `mastra.metadata.userId`',
    },
  },
  'response id': {
    general: 'send feedback with the traceId instead, or set `gen_ai.response.id`',
    of: {},
  },
};

/** For each of the dialects that were seen its own way, once; where none has one, the general. */
export function remediesFor(lack: Lack, dialects: Iterable<string>): string[] {
  const { general, of } = REMEDIES[lack];
  const own = [...new Set(dialects)].flatMap((dialect) =>
    Object.hasOwn(of, dialect) ? [`${dialect}: ${of[dialect]}`] : [],
  );
  return own.length === 0 ? [general] : own;
}
