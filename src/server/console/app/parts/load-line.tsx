import { LINE, loadInterval, placeOf, TICKS } from '../logic/load.ts';
import { figureText, type PromiseFigures } from '../logic/promise.ts';

const percent = (share: number): string => `${(share * 100).toFixed(2)}%`;
const at = (load: number): string => percent(placeOf(load));

/**
 * A promise as a load line. Left is empty, the line is what was promised, right of it is too much. The box is the estimate's
 * 95 % interval over the whole window, the bar in it the estimate, the pennant how fast the budget burns in the last hour.
 * It is as high as its row, so that the lines of all rows are one line.
 */
export function LoadLine({ promise, pennant }: { promise: PromiseFigures; pennant: number | null }) {
  const { estimate, target, direction, verdict } = promise;
  const load = estimate === null ? null : loadInterval(estimate, target, direction);
  return (
    <svg class={`load-line ${verdict}`} width="100%" height="100%" role="img" aria-label={figureText(promise)}>
      <rect class="over" x={percent(LINE)} y="0" width={percent(1 - LINE)} height="100%" />
      <svg y="50%" width="100%" overflow="visible" aria-hidden="true">
        <line class="keel" x1="0" x2="100%" y1="0" y2="0" />
        {load !== null && (
          <>
            <rect class="water" x="0" y="-5" width={at(load.value)} height="10" />
            <rect
              class="interval"
              x={at(load.low)}
              y="-8"
              width={percent(Math.max(0.004, placeOf(load.high) - placeOf(load.low)))}
              height="16"
              rx="2"
            />
            <line class="value" x1={at(load.value)} x2={at(load.value)} y1="-8" y2="8" />
          </>
        )}
        {pennant !== null && load !== null && (
          <svg x={at(pennant)} overflow="visible" aria-hidden="true">
            <path class="pennant" d="M0 -10l-4.5 -8h9z" />
          </svg>
        )}
      </svg>
      {target !== null && <line class="line" x1={percent(LINE)} x2={percent(LINE)} y1="0" y2="100%" />}
    </svg>
  );
}

/** What the places on the figures mean; stands once above them. */
export function LoadScale() {
  return (
    <svg class="load-scale" width="100%" height="40" aria-hidden="true">
      {TICKS.map(({ load, text }) =>
        load === 1 ? (
          <g key={text}>
            <text class="promised" x={at(load)} y="10">
              promised
            </text>
            <svg x={at(load)} y="26" overflow="visible" aria-hidden="true">
              <circle class="ring" r="8" />
              <path class="line" d="M0 -11v25" />
            </svg>
          </g>
        ) : (
          <g key={text}>
            <text class={load === 0 ? 'first' : ''} x={at(load)} y="28">
              {text}
            </text>
            <line class="tick" x1={at(load)} x2={at(load)} y1="33" y2="40" />
          </g>
        ),
      )}
    </svg>
  );
}
