/** How long embeddings are, and of which model: a dimension of every service whose spans of embeddings say so. */
export const EMBEDDING_DIMENSIONS = 'embedding_dimensions';

/** `text-embedding-3-small: 1536`. */
export const embeddingText = (model: string | null, dimensions: number): string =>
  model === null ? String(dimensions) : `${model}: ${dimensions}`;

/** Whether somebody who says what is there after a change means this: all of it, the model, or how long they are. */
export const isEmbedding = (value: string, said: string): boolean =>
  value === said || value.startsWith(`${said}: `) || value.endsWith(`: ${said}`);
