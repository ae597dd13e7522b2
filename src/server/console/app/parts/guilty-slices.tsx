import type { GuiltySlice } from '../../../../model/incident.ts';
import { plainText } from '../../../../model/plain-text.ts';
import { countText, percentText } from '../logic/format.ts';

/** Where it is: the bad share of each part now, beside what it was in the day before. */
export function GuiltySlices({ slices }: { slices: readonly GuiltySlice[] }) {
  const widest = Math.max(...slices.flatMap((slice) => [slice.share, slice.baselineShare ?? 0]), 1e-9);
  return (
    <section aria-labelledby="slices">
      <h2 id="slices">Where it is</h2>
      {slices.length === 0 && (
        <p class="none">No part of the traffic stands out: it is everywhere, or too little was seen.</p>
      )}
      {slices.length > 0 && (
        <p class="terms">What the worsening is associated with. That this is its cause is not shown.</p>
      )}
      {slices.length > 0 && (
        <ul class="slices">
          {slices.map((slice) => (
            <li key={slice.name} class="slice">
              <div>
                <h3>
                  <span class="dimension">{plainText(slice.dimension).replaceAll('_', ' ')}</span>{' '}
                  {plainText(slice.value)}
                </h3>
                <p class="terms">
                  explains {percentText(slice.explanatoryPower)} of the worsening · {countText(slice.bad)} bad of{' '}
                  {countText(slice.n)}
                </p>
                {slice.restored != null && slice.restored.without < slice.restored.withAll && (
                  <p class="terms">
                    without it {percentText(slice.restored.without)} would have been bad, not{' '}
                    {percentText(slice.restored.withAll)}
                  </p>
                )}
              </div>
              <dl class="bars">
                <Bar name="now" share={slice.share} widest={widest} />
                <Bar name="before" share={slice.baselineShare} widest={widest} />
              </dl>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Bar({ name, share, widest }: { name: 'now' | 'before'; share: number | null; widest: number }) {
  return (
    <div class={`bar ${name}`}>
      <dt>{name}</dt>
      <dd>
        <svg width="100%" height="12" aria-hidden="true">
          <rect x="0" y="1" height="10" width={`${((100 * (share ?? 0)) / widest).toFixed(2)}%`} rx="1" />
        </svg>
        <span class="number">{share === null ? 'not there' : `${percentText(share)} bad`}</span>
      </dd>
    </div>
  );
}
