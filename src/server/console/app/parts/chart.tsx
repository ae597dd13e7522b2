import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Measure } from '../../../../model/estimate.ts';
import { valueText } from '../../../../model/estimate-text.ts';
import { type Columns, extentOf } from '../logic/columns.ts';
import { localText, millisText } from '../logic/format.ts';
import { THEME_CHANGED } from './theme.tsx';

/** Something that happened. */
export interface ChartMark {
  readonly at: number;
  readonly text: string;
  readonly place: 'top' | 'bottom';
}

interface ChartProps {
  readonly title: string;
  /** What the numbers are: a measure, or milliseconds. */
  readonly unit: Measure | 'ms';
  readonly columns: Columns;
  readonly target: number | null;
  readonly marks: readonly ChartMark[];
  readonly from: number;
  readonly to: number;
}

const HEIGHT = 190;

/** A measure over time with its band, the line that was promised, and what happened. */
export function Chart(props: ChartProps) {
  const { title, unit, columns } = props;
  const holder = useRef<HTMLDivElement>(null);
  const latest = useRef(props);
  latest.current = props;
  const [at, setAt] = useState<number | null>(null);
  useEffect(() => {
    let plot: uPlot | null = null;
    const element = holder.current!;
    const draw = (): void => {
      plot?.destroy();
      plot = new uPlot(
        optionsOf(latest.current, element, setAt),
        latest.current.columns as unknown as uPlot.AlignedData,
        element,
      );
    };
    draw();
    const resized = new ResizeObserver(() => {
      if (plot !== null && element.clientWidth !== plot.width)
        plot.setSize({ width: element.clientWidth, height: HEIGHT });
    });
    resized.observe(element);
    const dark = matchMedia('(prefers-color-scheme: dark)');
    addEventListener(THEME_CHANGED, draw);
    dark.addEventListener('change', draw);
    return () => {
      resized.disconnect();
      removeEventListener(THEME_CHANGED, draw);
      dark.removeEventListener('change', draw);
      plot?.destroy();
    };
    // Points of the same length and end are the same points: a chart is not drawn anew on every tick.
  }, [columns[0].length, columns[0].at(-1), columns[1].at(-1), props.from, props.to, props.marks.length]);
  return (
    <figure class="chart">
      <figcaption>
        <span>{title}</span>
        <span class="terms">{readout(props, at)}</span>
      </figcaption>
      <div ref={holder} role="img" aria-label={`${title}: ${summary(unit, columns)}`} />
    </figure>
  );
}

const textOf = (unit: ChartProps['unit'], value: number): string =>
  unit === 'ms' ? millisText(value) : valueText(unit, value, unit === 'trust' && value > 1 ? 1 : 2);

function readout({ unit, columns, to }: ChartProps, at: number | null): string {
  const index = at ?? columns[1].findLastIndex((value) => value !== null);
  const value = columns[1][index];
  if (value == null) return 'nothing counted';
  const [low, high] = [columns[2][index], columns[3][index]];
  const when = localText(columns[0][index]! * 1000, to);
  if (unit === 'ms')
    return `${when}: median ${textOf(unit, value)}, p95 ${high == null ? 'unknown' : textOf(unit, high)}`;
  const band = low == null || high == null ? '' : ` (${textOf(unit, low).replace(' %', '')} – ${textOf(unit, high)})`;
  return `${when}: ${textOf(unit, value)}${band}`;
}

function summary(unit: ChartProps['unit'], columns: Columns): string {
  const values = columns[1].filter((value) => value !== null);
  if (values.length === 0) return 'nothing was counted';
  return `between ${textOf(unit, Math.min(...values))} and ${textOf(unit, Math.max(...values))}, last ${textOf(unit, values.at(-1)!)}`;
}

/** Colours as they are in this theme: canvases know no variables. */
function colours(element: Element): (name: string) => string {
  return (name) => {
    const probe = document.createElement('span');
    probe.style.color = `var(--${name})`;
    element.append(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  };
}

function optionsOf(
  { unit, columns, target, marks, from, to }: ChartProps,
  element: HTMLElement,
  onCursor: (index: number | null) => void,
): uPlot.Options {
  const colour = colours(element);
  const [low, high] = extentOf(
    columns,
    target,
    unit !== 'ms' && unit !== 'trust' && unit !== 'drift' && unit !== 'cost',
  );
  const axis = {
    stroke: colour('muted'),
    font: '12px system-ui, sans-serif',
    grid: { stroke: colour('rule'), width: 1 },
    ticks: { show: false },
  };
  const font = getComputedStyle(element).fontFamily;
  axis.font = `12px ${font}`;
  const line = {
    stroke: colour('ink'),
    width: 1.6,
    points: { show: columns[0].length < 3, size: 5, fill: colour('ink') },
  };
  const edge = { stroke: 'transparent', width: 0, points: { show: false } };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    padding: [10, 8, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    scales: { x: { time: true, range: [from / 1000, to / 1000] }, y: { range: [low, high] } },
    axes: [
      { ...axis, grid: { show: false }, size: 28, space: 70, values: timeTicks },
      {
        ...axis,
        size: 62,
        space: 36,
        values: (_plot, values) => values.map((value) => (unit === 'ms' ? millisText(value) : tickText(unit, value))),
      },
    ],
    series: [{}, line, edge, edge],
    bands: [{ series: [3, 2], fill: colour('band') }],
    hooks: {
      drawClear: [
        (plot) => {
          if (target !== null) below(plot, target, colour('over'));
        },
      ],
      draw: [
        (plot) => {
          if (target !== null) horizontal(plot, target, colour('line'));
          for (const mark of marks) vertical(plot, mark, colour(mark.place === 'top' ? 'muted' : 'breached'), font);
        },
      ],
      setCursor: [(plot) => onCursor(plot.cursor.idx ?? null)],
    },
  };
}

function tickText(unit: Measure, value: number): string {
  if (value > 1 && unit !== 'trust' && unit !== 'cost' && unit !== 'drift') return '';
  const text = valueText(unit, value, 2);
  return text.replace(/\.?0+( %)?$/, '$1');
}

const DAY_S = 86_400;

/** Hours of the day; at midnight, and over long times, the day. */
function timeTicks(_plot: uPlot, splits: number[], _axis: number, _space: number, step: number): string[] {
  return splits.map((at) => {
    const date = new Date(at * 1000);
    const isMidnight = date.getHours() === 0 && date.getMinutes() === 0;
    return step >= DAY_S || isMidnight
      ? date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })
      : date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
  });
}

/** The side on which a promise is not kept, in the tint that it has on every load line. */
function below(plot: uPlot, at: number, colour: string): void {
  const { ctx, bbox } = plot;
  const y = Math.round(plot.valToPos(at, 'y', true));
  ctx.save();
  ctx.fillStyle = colour;
  ctx.fillRect(bbox.left, y, bbox.width, bbox.top + bbox.height - y);
  ctx.restore();
}

function horizontal(plot: uPlot, at: number, colour: string): void {
  const { ctx, bbox } = plot;
  const y = Math.round(plot.valToPos(at, 'y', true));
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.lineWidth = 2 * devicePixelRatio;
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.restore();
}

function vertical(plot: uPlot, { at, text, place }: ChartMark, colour: string, font: string): void {
  const { ctx, bbox } = plot;
  const x = Math.round(plot.valToPos(at / 1000, 'x', true));
  if (x < bbox.left || x > bbox.left + bbox.width) return;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.fillStyle = colour;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.font = `${11 * devicePixelRatio}px ${font}`;
  // On two sides and at two heights: a change and the onset often are at one place.
  const isTop = place === 'top';
  const isRight = isTop || x - ctx.measureText(text).width < bbox.left;
  ctx.textAlign = isRight ? 'left' : 'right';
  const gap = (isRight ? 5 : -5) * devicePixelRatio;
  ctx.fillText(text, x + gap, isTop ? bbox.top + bbox.height * 0.4 : bbox.top + bbox.height - 6 * devicePixelRatio);
  ctx.restore();
}
