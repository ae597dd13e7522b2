import type { ComponentChildren } from 'preact';
import { binText, measureText, ratioText, targetText } from '../../../../model/estimate-text.ts';
import type { BreachJson } from '../../../../model/incident.ts';
import type { IncidentDetailJson, ObjectiveJson } from '../api.ts';
import { budgetText, countText, durationText, percentText, statisticText, wordsOf } from '../logic/format.ts';
import { placeOf } from '../logic/load.ts';
import { estimatePieces, type PromiseFigures, promiseTerms } from '../logic/promise.ts';
import { useResource } from '../use-resource.ts';
import { LoadLine, LoadScale } from './load-line.tsx';
import { OnsetChart } from './onset-chart.tsx';
import { Moment } from './time.tsx';

/** Why a promise is held to be broken: what came until it was noticed, the detector that decided, and how it stands now. */
export function BreachEvidence({ breach, incident }: { breach: BreachJson; incident: IncidentDetailJson }) {
  const { evidence } = breach;
  const { estimate, target, detector, sinceOnset, bins = [] } = evidence;
  const isGoingOn = breach.recoveredAt === null && incident.resolvedAt === null && incident.closedAt === null;
  const current = useResource<ObjectiveJson>(
    isGoingOn ? `/objectives/${encodeURIComponent(breach.objective)}` : null,
  ).data;
  const asNoticed: PromiseFigures = {
    kind: breach.kind,
    measure: estimate.measure,
    subject: estimate.subject,
    target,
    direction: evidence.direction,
    window: durationText(Date.parse(estimate.window.to) - Date.parse(estimate.window.from)),
    verdict: isGoingOn ? 'breached' : 'met',
    estimate,
    budget: evidence.budget,
  };
  const promise = current ?? asNoticed;
  return (
    <div class="breach">
      <h3>
        {measureText(estimate)}{' '}
        <span class="terms">
          {breach.kind} {breach.objective}: {promiseTerms(promise)}
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
          <LoadLine
            promise={promise}
            pennant={current === null ? (sinceOnset?.burn.value ?? null) : (current.budget?.burn ?? null)}
          />
        </div>
      )}
      <dl class="numbers">
        {sinceOnset !== null && (
          <Figure name="Until it was noticed" value={`${ratioText(sinceOnset.burn.value)}×`} what="what is allowed">
            {`${ratioText(sinceOnset.burn.low)} – ${ratioText(sinceOnset.burn.high)}×, ${sinceOnset.mean === undefined ? `${countText(sinceOnset.bad)} bad of ${countText(sinceOnset.n)}` : `mean ${sinceOnset.mean.toFixed(2)} of ${countText(sinceOnset.n)}`}`}
          </Figure>
        )}
        {current?.budget?.burn != null && (
          <Figure name="In the last hour" value={`${ratioText(current.budget.burn)}×`} what="what is allowed">
            {current.detector === null ? '' : `evidence at ${percentText(current.detector.evidence)} of an alarm`}
          </Figure>
        )}
        <WindowFigure promise={promise} />
      </dl>
      {bins.length > 0 && (
        <ul class="terms">
          {bins.map((bin) => (
            <li key={bin.name}>{binText(bin)}</li>
          ))}
        </ul>
      )}
      <DetectorFigure detector={detector} />
      <OnsetChart breach={breach} incident={incident} />
    </div>
  );
}

/** The window as a whole, beside what was promised of it. */
function WindowFigure({ promise }: { promise: PromiseFigures }) {
  const { estimate, target, measure, window, budget } = promise;
  const { value, interval, count, coverage } = estimatePieces(estimate, target);
  const against = target === null ? '' : `of ${targetText(measure, target)}`;
  const sure = [interval === null ? null : `${interval} (95 %)`, count, coverage].filter((part) => part !== null);
  return (
    <Figure name={`Over ${window.replace(/^calendar/, 'the calendar')}`} value={value} what={against}>
      {sure.join(', ')}
      {budget !== null && <span class="budget">{budgetText(budget.remaining)}</span>}
    </Figure>
  );
}

interface FigureProps {
  readonly name: string;
  readonly value: string;
  readonly what: string;
  readonly children: ComponentChildren;
}

function Figure({ name, value, what, children }: FigureProps) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <strong class="number">{value}</strong> {what}
        <span class="terms">{children}</span>
      </dd>
    </div>
  );
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** The statistic against its threshold, on the scale of evidence: an alarm is where the mark stands. */
function DetectorFigure({ detector }: { detector: BreachJson['evidence']['detector'] }) {
  const { name, statistic, threshold, guarantee, page } = detector;
  const share = Math.log1p(Math.max(0, statistic)) / Math.log1p(threshold);
  const text = `${statisticText(statistic)} against a threshold of ${statisticText(threshold)}`;
  return (
    <div class="detector">
      <p>
        <strong>{capital(wordsOf(name))} detector</strong> {text}
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
