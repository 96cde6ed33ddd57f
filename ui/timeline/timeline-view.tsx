import type { ComponentChildren } from 'preact'
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { RunDocument, StepRow } from '../../src/client.ts'
import { formatSpan, now } from '../lib/format.ts'
import { addTo } from '../lib/group.ts'
import { openIn, route, setQuery, setStep, useListKeys } from '../lib/router.ts'
import { Empty } from '../parts/basics.tsx'
import { criticalPath, wordsOfPath } from './critical-path.ts'
import { type Family, rowsOf } from './families.ts'
import { Axis, FamilyView, LineView, ROW } from './lane.tsx'
import { rangeIn, useRangeDrag, ZoomBar } from './range.tsx'
import type { Span, Stretch } from './stretches.ts'
import { cutTo, type Line, type Timeline, timelineOf } from './timeline.ts'

/** Rows beyond the window that are drawn, so that scrolling shows no gap. */
const SPARE = 12

type Props = {
  readonly run: RunDocument
  readonly steps: readonly StepRow[]
  readonly chosen: string | undefined
  /** the step at which the run failed */
  readonly failed: string | undefined
}

/** The steps of a run in the author's order, each with its time. Only the rows in the window are drawn. */
export function TimelineView({ run, steps, chosen, failed }: Props) {
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
  const path = useMemo(() => criticalPath(whole.lines, whole), [whole])
  const words = useMemo(() => wordsOfPath(path).join(', '), [path])
  const marks = useMemo(() => marksOf(path, timeline), [path, timeline])
  const { lines } = timeline
  const opened = route.value.query.get('open')
  const rows = useMemo(
    () => rowsOf(lines, { open: openIn(route.peek().query), chosen, failed }),
    [lines, opened, chosen, failed],
  )
  const { box, first, last } = useWindow(rows.length)
  const { chart, width } = useWidth(steps.length === 0)
  const { drag, selection } = useRangeDrag(timeline, from)
  useListKeys({
    count: steps.length,
    at: () => steps.findIndex(({ id }) => id === route.peek().query.get('step')),
    move: (to) => setStep(steps[to]!.id),
    // Escape leaves the range, unless a step is open
    leave: () => route.peek().query.has('step') || setQuery({ range: '' }),
  })
  if (steps.length === 0) return <Empty title="This run has no steps." />
  return (
    <div class="timeline" ref={chart} {...drag}>
      <p class="path-words small">
        <b>{formatSpan(to - from)}:</b> {words}
      </p>
      {range && <ZoomBar range={range} zero={from} shown={lines.length} all={steps.length} />}
      <Axis timeline={timeline} width={width} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls is reached by the keyboard */}
      <section class="lines" ref={box} tabIndex={0} aria-label="Steps">
        <ul style={{ height: `${rows.length * ROW}px`, paddingTop: `${first * ROW}px` }}>
          {rows.slice(first, last).map((row, at) =>
            'lines' in row ? (
              <li key={`${row.name}…`} class="lane">
                <FamilyView family={row} timeline={timeline} width={width} isOpen={isIn(row, rows[first + at + 1])} />
              </li>
            ) : (
              <li key={row.step.id} class={row.step.id === chosen ? 'lane chosen' : 'lane'}>
                <LineView line={row} timeline={timeline} width={width} marks={marks.get(row.step.id)} />
              </li>
            ),
          )}
        </ul>
      </section>
      {selection && <div class="selection" style={selection} />}
      <Legend lines={lines} pieces={timeline.pieces} />
    </div>
  )
}

/** Whether the row behind a family is one of its steps: it is open. */
const isIn = ({ lines }: Family, next: Line | Family | undefined) =>
  next !== undefined && 'step' in next && lines.includes(next)

/** The parts of the critical path that are shown, by their steps. */
function marksOf(path: ReturnType<typeof criticalPath>, { from, to }: Span): ReadonlyMap<string, readonly Span[]> {
  const marks = new Map<string, Span[]>()
  for (const part of path) {
    const mark = { from: Math.max(from, part.from), to: Math.min(to, part.to) }
    if (part.step !== undefined && mark.from < mark.to) addTo(marks, part.step, mark)
  }
  return marks
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

/** The pixels of the axis, in a timeline that is shown. */
function useWidth(isEmpty: boolean) {
  const chart = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(600)
  useLayoutEffect(() => {
    const axis = chart.current?.querySelector('.axis .chart')
    if (!axis) return
    const watch = new ResizeObserver(() => setWidth(axis.clientWidth))
    watch.observe(axis)
    return () => watch.disconnect()
  }, [isEmpty])
  return { chart, width }
}

type Sign = { readonly kinds: readonly Stretch['kind'][]; readonly says: string; readonly shape: ComponentChildren }

const box = <rect x="1" y="1" width="26" height="12" rx="3" />
const SIGNS: readonly Sign[] = [
  { kinds: ['work'], says: 'works', shape: <rect class="bar work is-completed" width="28" height="14" rx="3" /> },
  { kinds: ['place'], says: 'waits for a place', shape: <line class="bar place" x2="28" y1="7" y2="7" /> },
  { kinds: ['pause'], says: 'pause before another attempt', shape: <line class="bar pause" x2="28" y1="7" y2="7" /> },
  {
    kinds: ['person', 'money', 'code', 'sleep', 'off'],
    says: 'waits for a person, money, code, a time or a process',
    shape: <g class="bar person">{box}</g>,
  },
]
const FOLD = (
  <g class="fold">
    <rect width="28" height="14" />
  </g>
)

/** The signs of a timeline, as far as it has them. */
function Legend({ lines, pieces }: Pick<Timeline, 'lines' | 'pieces'>) {
  const kinds = useMemo(() => new Set(lines.flatMap(({ stretches }) => stretches.map(({ kind }) => kind))), [lines])
  return (
    <p class="legend small quiet">
      {SIGNS.filter((sign) => sign.kinds.some((kind) => kinds.has(kind))).map(({ says, shape }) => (
        <Entry key={says} says={says} shape={shape} />
      ))}
      {pieces.some(({ isFolded }) => isFolded) && <Entry says="cut out: nothing works" shape={FOLD} />}
      <Entry says="the critical path" shape={<rect class="path-mark" width="28" height="3" y="6" />} />
    </p>
  )
}

const Entry = ({ says, shape }: Pick<Sign, 'says' | 'shape'>) => (
  <span>
    <svg viewBox="0 0 28 14" aria-hidden="true">
      {shape}
    </svg>
    {says}
  </span>
)
