import Anthropic from '@anthropic-ai/sdk';
import { serve } from './requests.mjs';

const anthropic = new Anthropic();
const question = (model) => ({ model, max_tokens: 100, messages: [{ role: 'user', content: 'When does it come?' }] });
await serve({
  chat: () => anthropic.messages.create(question('claude-sonnet-4-5')),
  stream: () => anthropic.messages.stream(question('claude-sonnet-4-5')).finalText(),
  fail: () => anthropic.messages.create(question('gpt-broken')),
});
