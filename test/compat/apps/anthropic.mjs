import Anthropic from '@anthropic-ai/sdk';
import { trace } from '@opentelemetry/api';
import { serve } from './requests.mjs';

const anthropic = new Anthropic();
const question = (model) => ({ model, max_tokens: 100, messages: [{ role: 'user', content: 'When does it come?' }] });
await serve({
  chat: () => {
    trace.getActiveSpan()?.setAttributes({ 'user.id': 'user-1', 'session.id': 'conversation-1' });
    return anthropic.messages.create(question('claude-sonnet-4-5'));
  },
  stream: () => anthropic.messages.stream(question('claude-sonnet-4-5')).finalText(),
  fail: () => anthropic.messages.create(question('gpt-broken')),
});
