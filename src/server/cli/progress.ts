export interface ProgressLine {
  readonly show: (done: number, of: number) => void;
  readonly end: () => void;
}

const REDRAW_MS = 100;

/** A line that tells how far long work has come: drawn over on a terminal, silent elsewhere. */
export function progressLine(what: string, isWanted: boolean): ProgressLine {
  const out = process.stderr;
  if (!isWanted || !out.isTTY) return { show: () => {}, end: () => {} };
  let last = 0;
  return {
    show: (done, of) => {
      const now = performance.now();
      if (now - last < REDRAW_MS && done < of) return;
      last = now;
      const share = of === 0 ? 1 : done / of;
      const filled = Math.round(share * 30);
      out.write(
        `\r${what} [${'#'.repeat(filled)}${'.'.repeat(30 - filled)}] ${Math.floor(share * 100)} %  ${done}/${of}`,
      );
    },
    end: () => {
      out.write('\r\u001b[2K');
    },
  };
}
