import type { Retirement } from './retirement.ts';

/** Which models of a provider end when, and where that was read on which day. */
interface Page {
  readonly provider: string;
  readonly source: string;
  readonly readOn: string;
  readonly ends: Readonly<Record<string, readonly string[]>>;
}

/**
 * What was read of the ends of models, each from the page named with it. Of the same model the first entry counts. Providers move these days, and
 * those that another company offers (Azure, Bedrock, Vertex AI) end there on days of their own: their own pages win, and so does what a file says.
 * https://developers.openai.com/api/docs/deprecations, https://platform.claude.com/docs/en/about-claude/model-deprecations,
 * https://ai.google.dev/gemini-api/docs/deprecations, https://docs.mistral.ai/getting-started/models, https://docs.cohere.com/docs/deprecations.
 * Of Amazon Bedrock no day is here: it is on the card of each model.
 */
const PAGES: readonly Page[] = [
  {
    provider: 'openai',
    source: 'https://developers.openai.com/api/docs/deprecations?translationFallback=zh-Hans',
    readOn: '2026-11-26',
    ends: {
      '2026-12-01': ['gpt-image-1-mini', 'gpt-image-1.5', 'gpt-image-1.5-2025-12-16', 'chatgpt-image-latest'],
      '2026-12-11': [
        'gpt-5',
        'gpt-5-2025-08-07',
        'gpt-5-mini',
        'gpt-5-mini-2025-08-07',
        'gpt-5-nano',
        'gpt-5-nano-2025-08-07',
      ],
    },
  },
  {
    provider: 'openai',
    source: 'https://dev.to/aideprecations/what-to-do-before-openai-gpt-5-and-o3-shut-down-on-december-11-2026-fap',
    readOn: '2026-11-26',
    ends: {
      '2026-12-11': ['gpt-5-pro', 'gpt-5-pro-2025-10-06', 'o3', 'o3-2025-04-16', 'o3-pro', 'o3-pro-2025-06-10'],
    },
  },
  {
    provider: 'openai',
    source: 'https://www.w3cschool.cn/openai_api/openai_api-docs-deprecations.html',
    readOn: '2026-11-26',
    ends: {
      '2027-01-14': [
        'gpt-4o-2024-08-06',
        'gpt-4o-2024-11-20',
        'gpt-4o-mini-2024-07-18',
        'gpt-4.1-2025-04-14',
        'gpt-4.1-mini-2025-04-14',
      ],
      '2027-02-01': ['gpt-5.5-cyber-preview'],
    },
  },
  {
    provider: 'openai',
    source: 'https://dev.to/importstatic/every-openai-model-shutdown-date-until-january-2027-and-what-replaces-it-1dfk',
    readOn: '2026-11-26',
    ends: {
      '2026-10-23': [
        'gpt-3.5-turbo',
        'gpt-3.5-turbo-0125',
        'gpt-4',
        'gpt-4-0613',
        'gpt-4-1106-preview',
        'gpt-4-turbo',
        'gpt-4-turbo-2024-04-09',
        'gpt-4o-2024-05-13',
        'o1',
        'o1-2024-12-17',
        'o1-pro',
        'o1-pro-2025-03-19',
        'o3-mini',
        'o3-mini-2025-01-31',
        'o4-mini',
        'o4-mini-2025-04-16',
        'gpt-4.1-nano',
        'gpt-4.1-nano-2025-04-14',
      ],
    },
  },
  {
    provider: 'openai',
    source: 'https://archive.li/3RThE',
    readOn: '2026-11-26',
    ends: { '2026-01-16': ['codex-mini-latest'], '2026-02-17': ['chatgpt-4o-latest'] },
  },
  {
    provider: 'anthropic',
    source: 'https://docs.anthropic.com/zh-CN/docs/about-claude/model-deprecations',
    readOn: '2026-11-26',
    ends: {
      '2024-11-06': ['claude-1.0', 'claude-1.1', 'claude-1.2', 'claude-1.3'],
      '2025-07-21': ['claude-2.0', 'claude-2.1', 'claude-3-sonnet-20240229'],
      '2026-01-05': ['claude-3-opus-20240229'],
    },
  },
  {
    provider: 'anthropic',
    source: 'https://platform.claude.com/docs/zh-CN/release-notes/overview',
    readOn: '2026-11-26',
    ends: { '2025-10-28': ['claude-3-5-sonnet-20240620', 'claude-3-5-sonnet-20241022'] },
  },
  {
    provider: 'anthropic',
    source:
      'https://raw.githubusercontent.com/ottto-ai/ai-provider-watch/main/data/events/2026-06-15-anthropic-sonnet-4-opus-4-retirement.json',
    readOn: '2026-11-26',
    ends: { '2026-06-15': ['claude-sonnet-4-20250514', 'claude-opus-4-20250514'] },
  },
  {
    provider: 'gcp.gemini',
    source:
      'https://dev.to/aideprecations/what-to-do-before-gemini-25-pro-and-25-flash-are-retired-on-december-1-2026-5gg9',
    readOn: '2026-11-26',
    ends: { '2026-12-01': ['gemini-2.5-pro', 'gemini-2.5-flash'] },
  },
  {
    provider: 'gcp.gemini',
    source: 'https://ai.google.dev/gemini-api/docs/deprecations?authuser=0&hl=en',
    readOn: '2026-11-26',
    ends: {
      '2026-06-25': ['gemini-3.1-flash-image-preview', 'gemini-3-pro-image-preview'],
      '2027-05-07': ['gemini-3.1-flash-lite'],
    },
  },
  {
    provider: 'gcp.gemini',
    source: 'https://ai.google.dev/gemini-api/docs/deprecations?authuser=2&hl=it',
    readOn: '2026-11-26',
    ends: { '2026-03-09': ['gemini-3-pro-preview'], '2026-05-25': ['gemini-3.1-flash-lite-preview'] },
  },
  {
    provider: 'gcp.gemini',
    source: 'https://ai.google.dev/gemini-api/docs/deprecations',
    readOn: '2026-11-26',
    ends: {
      '2025-12-02': ['gemini-2.5-pro-preview-03-25', 'gemini-2.5-pro-preview-05-06', 'gemini-2.5-pro-preview-06-05'],
    },
  },
  {
    provider: 'gcp.gemini',
    source: 'https://firebase.google.com/docs/ai-logic/prompt-design?api=dev&hl=zh-cn',
    readOn: '2026-11-26',
    ends: { '2026-06-01': ['gemini-2.0-flash', 'gemini-2.0-flash-lite'] },
  },
  {
    provider: 'mistral_ai',
    source: 'https://docs.mistral.ai/models/pixtral-large-24-11.md',
    readOn: '2026-11-26',
    ends: { '2026-05-31': ['pixtral-large-2411', 'pixtral-large-latest'] },
  },
  {
    provider: 'mistral_ai',
    source: 'https://docs.mistral.ai/models/mistral-medium-1-0-23-12.md',
    readOn: '2026-11-26',
    ends: { '2025-06-16': ['mistral-medium-2312'] },
  },
  {
    provider: 'cohere',
    source: 'https://docs.cohere.com/changelog/2026-04-04-embed-v2-aya-8b-retirement.md',
    readOn: '2026-11-26',
    ends: {
      '2026-04-04': [
        'embed-english-v2.0',
        'embed-english-light-v2.0',
        'embed-multilingual-v2.0',
        'c4ai-aya-expanse-8b',
        'c4ai-aya-vision-8b',
      ],
    },
  },
  {
    provider: 'azure.ai.openai',
    source:
      'https://github.com/MicrosoftDocs/azure-ai-docs/blob/00bb5540c93f4bf3d1d78fe21e36c6dbc2930026/articles/foundry/openai/includes/concepts-model-retirement-schedule-content.md',
    readOn: '2026-11-26',
    ends: {
      '2026-09-16': ['o1-2024-12-17'],
      '2026-10-01': [
        'gpt-4o-2024-05-13',
        'gpt-4o-2024-08-06',
        'gpt-4o-2024-11-20',
        'gpt-4o-mini-2024-07-18',
        'o3-mini-2025-01-31',
      ],
      '2026-10-14': ['gpt-4.1-2025-04-14', 'gpt-4.1-mini-2025-04-14', 'gpt-4.1-nano-2025-04-14'],
      '2026-10-16': ['o3-2025-04-16', 'o4-mini-2025-04-16'],
      '2026-12-10': ['o3-pro-2025-06-10'],
      '2026-12-12': ['gpt-5.2-2025-12-11'],
      '2027-02-06': ['gpt-5-2025-08-07', 'gpt-5-mini-2025-08-07', 'gpt-5-nano-2025-08-07'],
      '2027-03-05': ['gpt-5.4-2026-03-05'],
      '2027-03-18': ['gpt-5.4-mini-2026-03-17', 'gpt-5.4-nano-2026-03-17'],
      '2027-04-15': ['text-embedding-3-large', 'text-embedding-3-small', 'text-embedding-ada-002'],
      '2027-04-23': ['gpt-5.5-2026-04-24'],
      '2027-05-15': ['gpt-5.1-2025-11-13'],
    },
  },
];

export const PUBLISHED_RETIREMENTS: readonly Retirement[] = PAGES.flatMap(({ provider, source, readOn, ends }) =>
  Object.entries(ends).flatMap(([endsOn, models]) =>
    models.map((model) => ({ provider, model, endsOn, source, readOn })),
  ),
);
