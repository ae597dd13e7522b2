import { measureText, youthText } from '../../../../model/estimate-text.ts';
import type { MeasuresJson } from '../api.ts';
import { measureColumns } from '../logic/columns.ts';
import { canBePooled, minutesPooled, pooled } from '../logic/pool.ts';
import type { Range } from '../logic/ranges.ts';
import { Chart, type ChartMark } from './chart.tsx';

interface MeasureChartProps {
  /** At least one. */
  readonly points: MeasuresJson['measures'][number]['points'];
  readonly target: number | null;
  readonly range: Range;
  readonly marks: readonly ChartMark[];
}

/** A measure over time; sparse minutes are counted together until a point rests on something. */
export function MeasureChart({ points, target, range, marks }: MeasureChartProps) {
  const { estimate } = points[0]!;
  const minutes =
    range.step === '1m' && points.every((point) => canBePooled(point.estimate)) ? minutesPooled(points) : 1;
  const youth = youthText(points.at(-1)!.estimate, target);
  return (
    <>
      <Chart
        title={`${measureText(estimate)} by the ${stepText(range.step, minutes)}`}
        unit={estimate.measure}
        columns={measureColumns(pooled(points, minutes))}
        target={target}
        marks={marks}
        from={range.from}
        to={range.to}
      />
      {youth !== null && <p class="terms">Newest: {youth}</p>}
    </>
  );
}

function stepText(step: Range['step'], minutes: number): string {
  if (minutes > 1) return `${minutes} minutes`;
  return step === '1m' ? 'minute' : step === '1h' ? 'hour' : 'day';
}
