// What the applications that use the openai package ask of it.
const ask = (content) => [{ role: 'user', content }];
const model = 'gpt-4o-mini';

export const answer = (openai) => openai.chat.completions.create({ model, messages: ask('When does it come?') });

export async function stream(openai) {
  const messages = ask('When does it come?');
  const chunks = await openai.chat.completions.create({
    model,
    messages,
    stream: true,
    stream_options: { include_usage: true },
  });
  let text = '';
  for await (const chunk of chunks) text += chunk.choices[0]?.delta.content ?? '';
  return text;
}

/** The model wishes a tool, and is told what it said. */
export async function answerWithTool(openai) {
  const tools = [{ type: 'function', function: { name: 'order', parameters: { type: 'object', properties: {} } } }];
  const messages = ask('Where is order 4711?');
  const wish = await openai.chat.completions.create({ model, messages, tools });
  const [call] = wish.choices[0].message.tool_calls;
  messages.push(wish.choices[0].message, { role: 'tool', tool_call_id: call.id, content: 'sent on Monday' });
  return await openai.chat.completions.create({ model, messages, tools });
}

export const embed = (openai) => openai.embeddings.create({ model: 'text-embedding-3-small', input: 'Returns' });

export const fail = (openai) =>
  openai.chat.completions.create({ model: 'gpt-broken', messages: ask('When does it come?') });
