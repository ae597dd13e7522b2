import { outboxContract } from '../contracts/outbox-store.ts';
import { MemoryOutbox } from './memory-outbox.ts';

outboxContract('the outbox in memory', async () => {
  const store = new MemoryOutbox();
  return { store, commit: (...args) => store.commit(...args) };
});
