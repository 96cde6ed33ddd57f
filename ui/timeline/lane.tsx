import type { StepRow } from '../../src/client.ts'
import { counted, formatCount, formatMoney, formatSpan } from '../lib/format.ts'
import { setStep, toggleOpen } from '../lib/router.ts'
import { Status } from '../parts/basics.tsx'
import type { Family } from './families.ts'
import { countStatuses, type Span, type Stretch, statusOf } from './stretches.ts'
import { type Line, placeOf, type Timeline, tickLabel, ticksOf } from './timeline.ts'

export const ROW = 32

const percent = (share: number) => `${(share * 100).toFixed(3)}%`

/** `width`: the pixels of the axis. */
export function Axis({ timeline, width }: { readonly timeline: Timeline; readonly width: number }) {
  const ticks = ticksOf(timeline, width)
  const step = Math.min(...ticks.slice(1).map(({ ms }, index) => ms - ticks[index]!.ms))
  return (
    <div class="lane axis" aria-hidden="true">
      <span class="step-name">Step</span>
      <span class="chart">
        {ticks.map(({ x, ms }) => (
          <span key={ms} class="tick" style={{ left: percent(x) }}>
            {tickLabel(ms, step)}
          </span>
        ))}
      </span>
      <span class="num">Time</span>
      <span class="num">Tokens</span>
      <span class="num">Cost</span>
    </div>
  )
}

type LineProps = {
  readonly line: Line
  readonly timeline: Timeline
  /** the pixels of the axis */
  readonly width: number
  readonly marks: readonly Span[] | undefined
}

/** A step: its name, its bars on the axis, and what it took. `marks`: its parts of the critical path. */
export function LineView({ line, timeline, width, marks = [] }: LineProps) {
  const { step, stretches } = line
  const { tokens, cost } = usageOf(step)
  const work = stretches.findLast(({ kind }) => kind === 'work')
  const ms = step.duration === null ? (work ? work.to - work.from : undefined) : step.duration * 1000
  const depth = step.id.match(/_\d+_/g)?.length ?? 0
  const does = step.tool ?? step.model ?? step.action
  const words = wordsOf(line)
  const used = [tokens > 0 && `${formatCount(tokens)} tokens`, formatMoney(cost)].filter(Boolean).join(', ')
  return (
    <>
      <button
        type="button"
        class="step-name"
        style={{ paddingLeft: `${8 + depth * 14}px` }}
        onClick={() => setStep(step.id)}
      >
        <Status of={statusOf(step)} quiet />
        <span class="name" title={step.id}>
          {step.id}
        </span>
        {does !== step.id && <span class="quiet small">{does}</span>}
      </button>
      <span class="chart">
        <svg aria-label={words} role="img">
          <title>{words}</title>
          {timeline.pieces.map(({ x0, x1, from, to, isFolded }) =>
            isFolded ? (
              <g key={from} class="fold">
                <rect x={percent(x0)} width={percent(x1 - x0)} height="100%" />
                <title>{`Cut out: nothing works for ${formatSpan(to - from)}`}</title>
              </g>
            ) : null,
          )}
          {stretches.map((stretch) => (
            <Bar
              key={`${stretch.kind}${stretch.from}`}
              stretch={stretch}
              step={step}
              used={stretch === work ? used : ''}
              timeline={timeline}
              axis={width}
            />
          ))}
          {marks.map(({ from, to }) => {
            const [x0, x1] = [placeOf(timeline, from), placeOf(timeline, to)]
            return <rect key={from} class="path-mark" x={percent(x0)} width={percent(x1 - x0)} y="27" height="3" />
          })}
        </svg>
      </span>
      <span class="num">{ms !== undefined && formatSpan(ms)}</span>
      <span class="num">{tokens > 0 && formatCount(tokens)}</span>
      <span class="num">{formatMoney(cost)}</span>
    </>
  )
}

type FamilyProps = Omit<LineProps, 'line' | 'marks'> & { readonly family: Family; readonly isOpen: boolean }

/** Steps of one name in a row: how they ended, and from when until when they took. Its name opens it. */
export function FamilyView({ family: { name, lines }, timeline, width, isOpen }: FamilyProps) {
  const { counts, worst } = countStatuses(lines.map(({ step }) => step))
  const said = [...counts].map(([status, count]) => `${count} ${status}`).join(', ')
  const work = lines.flatMap(({ stretches }) => stretches)
  const from = work.reduce((least, one) => Math.min(least, one.from), timeline.to)
  const to = work.reduce((most, one) => Math.max(most, one.to), from)
  const used = lines.map(({ step }) => usageOf(step))
  const tokens = used.reduce((sum, one) => sum + one.tokens, 0)
  const cost = used.reduce((sum, one) => sum + (one.cost ?? 0), 0)
  const [x0, x1] = [placeOf(timeline, from), placeOf(timeline, to)]
  const words = `${name}: ${counted(lines.length, 'step')}, ${said}, ${formatSpan(to - from)} in all`
  return (
    <>
      <button type="button" class="step-name" aria-expanded={isOpen} onClick={() => toggleOpen(name)}>
        <Status of={worst} quiet />
        <span class="name" title={name}>
          {isOpen ? '▾' : '▸'} {name}
        </span>
        <span class="quiet small">{counted(lines.length, 'step')}</span>
      </button>
      <span class="chart">
        <svg aria-label={words} role="img">
          <title>{words}</title>
          <g class={`bar family is-${worst}`}>
            <rect x={percent(x0)} width={percent(Math.max(MIN_WIDTH, x1 - x0))} y="9" height="14" rx="3" />
            {(x1 - x0) * width > said.length * CHARACTER + SPACE && (
              <text x={percent(x0)} dx="6" y="20">
                {said}
              </text>
            )}
          </g>
        </svg>
      </span>
      <span class="num">{formatSpan(to - from)}</span>
      <span class="num">{tokens > 0 && formatCount(tokens)}</span>
      <span class="num">{cost > 0 && formatMoney(cost)}</span>
    </>
  )
}

/** The least share of the axis that a bar takes. */
const MIN_WIDTH = 0.004
/** The pixels that a character needs, the space at both ends of a text, and a bar with the cross of a failure. */
const CHARACTER = 6
const SPACE = 12
const MIN_INSIDE = 30

type BarProps = {
  readonly stretch: Stretch
  readonly step: StepRow
  /** the tokens and dollars of the step, if they belong to this stretch */
  readonly used: string
  readonly timeline: Timeline
  /** the pixels of the axis */
  readonly axis: number
}

/** A stretch: work is filled, a place in a queue is a thin line, a pause is dashed, and people and money are outlined. */
function Bar({ stretch, step, used, timeline, axis }: BarProps) {
  const { kind, from, to, code } = stretch
  const [x0, x1] = [placeOf(timeline, from), placeOf(timeline, to)]
  const pixels = (x1 - x0) * axis
  const place = { x: percent(x0), width: percent(Math.max(MIN_WIDTH, x1 - x0)) }
  if (kind === 'place' || kind === 'pause') {
    const after = kind === 'pause' ? attemptText(stretch) : ''
    return (
      <>
        <line class={`bar ${kind}`} x1={percent(x0)} x2={percent(x1)} y1="16" y2="16" />
        {after !== '' && pixels > after.length * CHARACTER + 2 * SPACE && (
          <text class="after" x={percent(x0)} dx="18" y="20">
            {after}
          </text>
        )}
      </>
    )
  }
  const text = kind === 'work' ? [attemptText(stretch), used].filter(Boolean).join(' · ') : WORDS[kind]
  const hasFailed = kind === 'work' && (code !== undefined || step.status === 'failed')
  const hasRoom = pixels > text.length * CHARACTER + (hasFailed ? 2 : 1) * SPACE
  const label = text !== '' && hasRoom && (
    <text x={place.x} dx="6" y="20">
      {text}
    </text>
  )
  if (kind !== 'work')
    return (
      <g class={`bar ${kind}`}>
        <rect {...place} y="9" height="14" rx="3" />
        {label}
      </g>
    )
  const state = hasFailed ? 'is-failed' : `is-${step.status}`
  const isInside = pixels > MIN_INSIDE
  return (
    <>
      <rect class={`bar work ${state}${step.reused ? ' reused' : ''}`} {...place} y="9" height="14" rx="3" />
      {label && <g class={`bar-text ${state}`}>{label}</g>}
      {hasFailed && (
        <text class={isInside ? 'bar-mark inside' : 'bar-mark'} x={percent(x1)} dx={isInside ? '-5' : '5'} y="20.5">
          ×
        </text>
      )}
    </>
  )
}

const WORDS = { person: 'person', money: '$', code: 'code', sleep: 'sleep', off: 'no process' } as const

/** `2nd attempt, rate_limited`; nothing for the only attempt of a step. */
function attemptText({ attempt, code }: Stretch): string {
  if (attempt === undefined) return ''
  const number = `${attempt}${ORDINALS[attempt % 100 > 10 && attempt % 100 < 14 ? 0 : attempt % 10] ?? 'th'} attempt`
  return code === undefined ? number : `${number}, ${code}`
}

const ORDINALS: readonly (string | undefined)[] = [undefined, 'st', 'nd', 'rd']

function wordsOf({ step, stretches }: Line): string {
  const parts = stretches.map((stretch) => {
    const { kind, from, to, code } = stretch
    const said = kind === 'work' && code !== undefined ? 'failed after' : SAID[kind]
    return [kind === 'work' && attemptText(stretch), `${said} ${formatSpan(to - from)}`].filter(Boolean).join(' ')
  })
  const { tokens, cost } = usageOf(step)
  const used = [
    ...(tokens > 0 ? [`${formatCount(tokens)} tokens`] : []),
    ...(cost === undefined ? [] : [formatMoney(cost)]),
  ]
  const { steps, duration } = step.inside ?? {}
  const inside = steps === undefined ? [] : [`${counted(steps, 'step')} took ${formatSpan(duration! * 1000)} together`]
  return [`${step.id}: ${statusOf(step)}`, ...parts, ...inside, ...used].join(', ')
}

const SAID: { readonly [Kind in Stretch['kind']]: string } = {
  place: 'waited for a place',
  work: 'worked',
  pause: 'paused',
  off: 'had no process',
  person: 'waited for a person',
  money: 'waited for money',
  code: 'waited for code',
  sleep: 'slept',
}

function usageOf({ models = [], reused, inside }: StepRow) {
  if (reused) return { tokens: 0, cost: undefined }
  if (inside) return { tokens: inside.input + inside.output, cost: inside.cost }
  const costs = models.flatMap(({ cost }) => (cost === undefined ? [] : [cost]))
  return {
    tokens: models.reduce((sum, { input, output }) => sum + input + output, 0),
    cost: costs.length === 0 ? undefined : costs.reduce((sum, cost) => sum + cost, 0),
  }
}
