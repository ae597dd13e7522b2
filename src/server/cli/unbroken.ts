const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Brings to its end what has been begun, though somebody breaks it off; whoever does so twice ends it all the same.
 * @param onBroken  what is said then
 */
export async function unbroken<T>(work: () => Promise<T>, onBroken: () => void): Promise<T> {
  const isOver = (): void => {
    for (const signal of SIGNALS) process.off(signal, stopped);
  };
  const stopped = (): void => {
    isOver();
    onBroken();
  };
  for (const signal of SIGNALS) process.on(signal, stopped);
  try {
    return await work();
  } finally {
    isOver();
  }
}
