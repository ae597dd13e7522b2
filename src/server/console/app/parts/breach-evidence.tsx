import { measureText, ratioText, targetText } from '../../../../model/estimate-text.ts';
import type { BreachJson } from '../../../../model/incident.ts';
import type { IncidentDetailJson } from '../api.ts';
import { budgetText, countText, durationText, statisticText, wordsOf } from '../logic/format.ts';
import { placeOf } from '../logic/load.ts';
import { estimatePieces, type PromiseFigures } from '../logic/promise.ts';
import { LoadLine, LoadScale } from './load-line.tsx';
import { OnsetChart } from './onset-chart.tsx';
import { Moment } from './time.tsx';

/** Why a promise is held to be broken: the estimate, what came since the onset, and the detector that decided. */
export function BreachEvidence({ breach, incident }: { breach: BreachJson; incident: IncidentDetailJson }) {
  const { evidence } = breach;
  const { estimate, target, detector, sinceOnset, budget } = evidence;
  const { value, interval, count, coverage } = estimatePieces(estimate, target);
  const name = measureText(estimate);
  const window = durationText(Date.parse(estimate.window.to) - Date.parse(estimate.window.from));
  const promise: PromiseFigures = {
    kind: breach.kind,
    measure: estimate.measure,
    subject: estimate.subject,
    target,
    window,
    verdict: breach.recoveredAt === null ? 'breached' : 'met',
    estimate,
    budget,
  };
  return (
    <div class="breach">
      <h3>
        {name}{' '}
        <span class="terms">
          {breach.objective}, {breach.kind}
        </span>
      </h3>
      {breach.recoveredAt !== null && (
        <p class="terms">
          recovered <Moment at={breach.recoveredAt} />
        </p>
      )}
      {target !== null && (
        <div class="breach-figure">
          <LoadScale />
          <LoadLine promise={promise} pennant={sinceOnset?.burn.value ?? null} />
        </div>
      )}
      <dl class="numbers">
        <div>
          <dt>Since it began</dt>
          <dd>
            {sinceOnset === null ? (
              'not counted'
            ) : (
              <>
                <strong class="number">{ratioText(sinceOnset.burn.value)}×</strong> what is allowed
                <span class="terms">
                  {ratioText(sinceOnset.burn.low)} – {ratioText(sinceOnset.burn.high)}×, {countText(sinceOnset.bad)} bad
                  of {countText(sinceOnset.n)}
                </span>
              </>
            )}
          </dd>
        </div>
        <div>
          <dt>Over the window of {window}</dt>
          <dd>
            <strong class="number">{value}</strong>
            <span class="terms">
              {interval !== null && `${interval} (95 %), `}
              {count}
              {coverage !== null && `, ${coverage}`}
            </span>
          </dd>
        </div>
        <div>
          <dt>Promised</dt>
          <dd>
            <strong class="number">{target === null ? 'as before' : targetText(estimate.measure, target)}</strong>
            <span class="terms">
              {budget === null ? 'no budget' : budgetText(budget.remaining)}
              {budget?.exhaustedAt != null && (
                <>
                  , spent <Moment at={budget.exhaustedAt} />
                </>
              )}
            </span>
          </dd>
        </div>
      </dl>
      <DetectorFigure detector={detector} />
      <OnsetChart breach={breach} incident={incident} />
    </div>
  );
}

/** The statistic against its threshold, on the scale of evidence: an alarm is where the mark stands. */
function DetectorFigure({ detector }: { detector: BreachJson['evidence']['detector'] }) {
  const { name, statistic, threshold, guarantee, page } = detector;
  const share = Math.log1p(Math.max(0, statistic)) / Math.log1p(threshold);
  const text = `${statisticText(statistic)} against a threshold of ${statisticText(threshold)}`;
  return (
    <div class="detector">
      <p>
        <strong>{wordsOf(name)} detector:</strong> {text}
        {page && <span class="flag">pages</span>}
      </p>
      <svg width="100%" height="16" role="img" aria-label={`Evidence ${text}`}>
        <line class="keel" x1="0" x2="100%" y1="8" y2="8" />
        <rect class="amount" x="0" y="5" width={`${(placeOf(share) * 100).toFixed(2)}%`} height="6" />
        <line class="line" x1={`${placeOf(1) * 100}%`} x2={`${placeOf(1) * 100}%`} y1="0" y2="16" />
      </svg>
      {guarantee !== null && <p class="terms">Guarantee: {guarantee}.</p>}
    </div>
  );
}
