/** What the support bot of the demo knows: passages with figures in them, so that an answer can be checked against them. */
export interface Passage {
  readonly id: string;
  readonly text: string;
  readonly questions: readonly string[];
}

export const PASSAGES: readonly Passage[] = [
  {
    id: 'returns',
    text: 'Goods can be returned within 30 days; the refund is paid out 5 working days after they arrive.',
    questions: ['How long can I send something back?', 'When do I get my money for a return?'],
  },
  {
    id: 'shipping',
    text: 'Standard delivery takes 3 working days and costs 4.90 euros; orders above 60 euros are delivered free.',
    questions: ['What does delivery cost?', 'From what sum on is delivery free?', 'How long is delivery?'],
  },
  {
    id: 'warranty',
    text: 'Every lamp has a warranty of 24 months; batteries are covered for 6 months.',
    questions: ['How long is my lamp under warranty?', 'Are the batteries covered as well?'],
  },
  {
    id: 'gift-cards',
    text: 'Gift cards are sold from 10 to 250 euros and are valid for 36 months.',
    questions: ['Until when is a gift card valid?', 'What is the largest gift card?'],
  },
  {
    id: 'repairs',
    text: 'A repair takes 12 working days on average; the estimate costs 15 euros and is free when you order the repair.',
    questions: ['How long does a repair take?', 'What do I pay for an estimate?'],
  },
  {
    id: 'hours',
    text: 'The telephone desk is open from 8 to 18 on working days; the average wait is 4 minutes.',
    questions: ['When can I call you?', 'How long will I have to wait on the phone?'],
  },
];

export interface Prompt {
  readonly version: string;
  readonly text: string;
}

/** The prompt that works, and the friendlier one that somebody thought would be better. */
export const PROMPTS: Readonly<Record<string, Prompt>> = {
  '7': {
    version: '7',
    text: 'You are the support bot of a lamp shop. Answer in one sentence. Use only what the passages say; if they do not say it, say so.',
  },
  '8': {
    version: '8',
    text: 'You are the warm and chatty support bot of a lamp shop. Answer in one sentence, sound confident and keep the customer happy.',
  },
};

export const GOOD_PROMPT = '7';
export const BAD_PROMPT = '8';

/** The figures in a text, as written. */
export const figuresIn = (text: string): string[] => text.match(/\d+(?:\.\d+)?/g) ?? [];

/** The share of the figures of an answer that its passage holds; 1 when it has none. In [0, 1]. */
export function groundedness(answer: string, passage: string): number {
  const figures = figuresIn(answer);
  const known = new Set(figuresIn(passage));
  return figures.length === 0 ? 1 : figures.filter((figure) => known.has(figure)).length / figures.length;
}
