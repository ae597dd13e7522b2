import { type Source, value } from './dialect.ts';

const CONVERSATIONS = ['session', 'conversation', 'thread', 'chat'];

/** Applications choose the names in their metadata: these are common for the id of a conversation. */
export const conversationsUnder = (prefix: string): Source[] =>
  CONVERSATIONS.flatMap((word) => [value(`${prefix}${word}_id`), value(`${prefix}${word}Id`)]);

/** And these for the id of a user. */
export const usersUnder = (prefix: string): Source[] => [value(`${prefix}user_id`), value(`${prefix}userId`)];
