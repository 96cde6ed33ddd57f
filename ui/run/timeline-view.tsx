import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { RunDocument, StepRow } from '../../src/client.ts'
import { formatCount, formatMoney, formatSpan } from '../lib/format.ts'
import { now } from '../lib/live.ts'
import { route, setQuery } from '../lib/router.ts'
import { Empty, Status } from '../parts/basics.tsx'
import { rangeIn, useRangeDrag, ZoomBar } from './range.tsx'
import { cutTo, type Line, placeOf, type Stretch, type Timeline, ticksOf, timelineOf } from './timeline.ts'

const ROW = 32
/** Rows beyond the window that are drawn, so that scrolling shows no gap. */
const SPARE = 12

type Props = { readonly run: RunDocument; readonly steps: readonly StepRow[]; readonly chosen?: string | undefined }

/** The steps of a run in the author's order, each with its time. Only the rows in the window are drawn. */
export function TimelineView({ run, steps, chosen }: Props) {
  const from = Date.parse(run.started_at)
  const isOpen = run.completed_at === null
  const to = isOpen ? now.value : Date.parse(run.completed_at!)
  const whole = useMemo(() => timelineOf(steps, from, to), [steps, from, to])
  const range = rangeIn(route.value.query.get('range'), from)
  const [begin, end] = [range?.from, range?.to]
  const timeline = useMemo(
    () => (begin === undefined || end === undefined ? whole : cutTo(whole, { from: begin, to: end })),
    [whole, begin, end],
  )
  const { lines } = timeline
  const { box, first, last } = useWindow(lines.length)
  const { drag, selection } = useRangeDrag(timeline, from)
  useStepKeys(steps)
  if (steps.length === 0) return <Empty title="This run has no steps." />
  return (
    <div class="timeline" {...drag}>
      {range && <ZoomBar range={range} zero={from} shown={lines.length} all={steps.length} />}
      <Axis timeline={timeline} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls is reached by the keyboard */}
      <section class="lines" ref={box} tabIndex={0} aria-label="Steps">
        <ul style={{ height: `${lines.length * ROW}px`, paddingTop: `${first * ROW}px` }}>
          {lines.slice(first, last).map((line) => (
            <li key={line.step.id} class={line.step.id === chosen ? 'lane chosen' : 'lane'}>
              <LineView line={line} timeline={timeline} />
            </li>
          ))}
        </ul>
      </section>
      {selection && <div class="selection" style={selection} />}
      <Legend />
    </div>
  )
}

const percent = (share: number) => `${(share * 100).toFixed(3)}%`

function Axis({ timeline }: { readonly timeline: Timeline }) {
  return (
    <div class="lane axis" aria-hidden="true">
      <span class="step-name">Step</span>
      <span class="chart">
        {ticksOf(timeline).map(({ x, ms }) => (
          <span key={ms} class="tick" style={{ left: percent(x) }}>
            {ms === 0 ? '0' : `+${formatSpan(ms)}`}
          </span>
        ))}
      </span>
      <span class="num">Time</span>
      <span class="num">Tokens</span>
      <span class="num">Cost</span>
    </div>
  )
}

function LineView({ line, timeline }: { readonly line: Line; readonly timeline: Timeline }) {
  const { step, stretches, attempts } = line
  const { tokens, cost } = usageOf(step)
  const work = stretches.find(({ kind }) => kind === 'work')
  const ms = step.duration === null ? (work ? work.to - work.from : undefined) : step.duration * 1000
  const depth = step.id.match(/_\d+_/g)?.length ?? 0
  return (
    <>
      <button
        type="button"
        class="step-name"
        style={{ paddingLeft: `${8 + depth * 14}px` }}
        onClick={() => setQuery({ step: step.id })}
      >
        <Status of={step.status} quiet />
        <span class="name">{step.id}</span>
        <span class="quiet small">{step.tool ?? step.model ?? step.action}</span>
      </button>
      <span class="chart">
        <svg aria-label={wordsOf(line)} role="img">
          <title>{wordsOf(line)}</title>
          {timeline.pieces.map(({ x0, x1, from, to, isFolded }) =>
            isFolded ? (
              <g key={from} class="fold">
                <rect x={percent(x0)} width={percent(x1 - x0)} height="100%" />
                <title>{`Nothing works for ${formatSpan(to - from)}`}</title>
              </g>
            ) : null,
          )}
          {stretches.map((stretch) => (
            <Bar key={`${stretch.kind}${stretch.from}`} stretch={stretch} step={step} timeline={timeline} />
          ))}
          {attempts.map(({ at, attempt }) => (
            <text key={attempt} class="attempt" x={percent(placeOf(timeline, at))} y="20">
              ×
            </text>
          ))}
        </svg>
      </span>
      <span class="num">{ms !== undefined && formatSpan(ms)}</span>
      <span class="num">{tokens > 0 && formatCount(tokens)}</span>
      <span class="num">{formatMoney(cost)}</span>
    </>
  )
}

/** The share of the axis that a moment has. */
const MIN_WIDTH = 0.004
/** The width of a stretch that has room for its word. */
const MIN_NAMED = 0.07

/** A stretch: work is filled, a place in a queue is a thin line, a pause is dashed, and people and money are outlined. */
function Bar({
  stretch,
  step,
  timeline,
}: {
  readonly stretch: Stretch
  readonly step: StepRow
  readonly timeline: Timeline
}) {
  const { kind, from, to } = stretch
  const x0 = placeOf(timeline, from)
  const x1 = placeOf(timeline, to)
  const place = { x: percent(x0), width: percent(Math.max(MIN_WIDTH, x1 - x0)) }
  if (kind === 'place' || kind === 'pause')
    return <line class={`bar ${kind}`} x1={percent(x0)} x2={percent(x1)} y1="16" y2="16" />
  if (kind === 'work')
    return (
      <>
        <rect class={`bar work is-${step.status}${step.reused ? ' reused' : ''}`} {...place} y="9" height="14" rx="3" />
        {step.status === 'failed' && (
          <text
            class={x1 - x0 > 0.05 ? 'bar-mark inside' : 'bar-mark'}
            x={percent(x1)}
            dx={x1 - x0 > 0.05 ? '-5' : '5'}
            y="20.5"
          >
            ×
          </text>
        )}
      </>
    )
  return (
    <g class={`bar ${kind}`}>
      <rect {...place} y="9" height="14" rx="3" />
      {x1 - x0 > MIN_NAMED && (
        <text x={place.x} dx="5" y="20">
          {WORDS[kind]}
        </text>
      )}
    </g>
  )
}

const WORDS = { person: 'person', money: '$', code: 'code', sleep: 'sleep' } as const

function wordsOf({ step, stretches, attempts }: Line): string {
  const parts = stretches.map(({ kind, from, to }) => `${SAID[kind]} ${formatSpan(to - from)}`)
  const failed = attempts.map(({ attempt, code }) => `attempt ${attempt} failed with ${code}`)
  return [`${step.id}: ${step.status}`, ...parts, ...failed].join(', ')
}

const SAID: { readonly [Kind in Stretch['kind']]: string } = {
  place: 'waited for a place',
  work: 'worked',
  pause: 'attempts and pauses',
  person: 'waited for a person',
  money: 'waited for money',
  code: 'waited for code',
  sleep: 'slept',
}

function usageOf({ models = [], reused }: StepRow) {
  if (reused) return { tokens: 0, cost: undefined }
  const costs = models.flatMap(({ cost }) => (cost === undefined ? [] : [cost]))
  return {
    tokens: models.reduce((sum, { input, output }) => sum + input + output, 0),
    cost: costs.length === 0 ? undefined : costs.reduce((sum, cost) => sum + cost, 0),
  }
}

function Legend() {
  return (
    <p class="legend small quiet">
      <span>
        <svg viewBox="0 0 28 14" aria-hidden="true">
          <rect class="bar work is-completed" width="28" height="14" rx="3" />
        </svg>
        works
      </span>
      <span>
        <svg viewBox="0 0 28 14" aria-hidden="true">
          <line class="bar place" x2="28" y1="7" y2="7" />
        </svg>
        waits for a place
      </span>
      <span>
        <svg viewBox="0 0 28 14" aria-hidden="true">
          <line class="bar pause" x2="28" y1="7" y2="7" />
        </svg>
        attempts and pauses
      </span>
      <span>
        <svg viewBox="0 0 28 14" aria-hidden="true">
          <g class="bar person">
            <rect x="1" y="1" width="26" height="12" rx="3" />
          </g>
        </svg>
        waits for a person, money, code or a time
      </span>
      <span>
        <svg viewBox="0 0 28 14" aria-hidden="true">
          <g class="fold">
            <rect width="28" height="14" />
          </g>
        </svg>
        folded: nothing works
      </span>
    </p>
  )
}

/** The rows in the window of a box that scrolls. */
function useWindow(count: number) {
  const box = useRef<HTMLElement>(null)
  const [top, setTop] = useState(0)
  const [height, setHeight] = useState(800)
  useEffect(() => {
    const element = box.current
    if (!element) return
    const onScroll = () => setTop(element.scrollTop)
    const watch = new ResizeObserver(() => setHeight(element.clientHeight))
    element.addEventListener('scroll', onScroll, { passive: true })
    watch.observe(element)
    return () => {
      element.removeEventListener('scroll', onScroll)
      watch.disconnect()
    }
  }, [count === 0])
  const first = Math.max(0, Math.floor(top / ROW) - SPARE)
  return { box, first, last: Math.min(count, first + Math.ceil(height / ROW) + 2 * SPARE) }
}

/** j and k move between steps while one is chosen; Escape closes it, and then the range. */
function useStepKeys(steps: readonly StepRow[]): void {
  useEffect(() => {
    const onKey = ({ key, target, ctrlKey, metaKey }: KeyboardEvent) => {
      if (ctrlKey || metaKey || (target as Element).closest?.('input, textarea, select, dialog')) return
      const shown = route.peek().query.get('step')
      const at = steps.findIndex(({ id }) => id === shown)
      if (key === 'j') setQuery({ step: steps[Math.min(steps.length - 1, at + 1)]?.id })
      if (key === 'k') setQuery({ step: steps[Math.max(0, at - 1)]?.id })
      if (key === 'Escape') setQuery(shown === null ? { range: '' } : { step: '' })
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [steps])
}
