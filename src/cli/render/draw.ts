import type { AskProgress, PhaseProgress } from '../progress/ask-progress.ts'
import { NO_USAGE, type ProgressLine, queuedSteps, type RunProgress } from '../progress/run-progress.ts'
import type { Colors } from '../terminal/escape.ts'
import { countLines, fitLine, formatCount, formatDuration, oneLine, statusMark } from '../terminal/format.ts'
import { decisionText } from './event-lines.ts'
import { factsOf, markOf, problemText, usageFacts } from './facts.ts'

/** The frame of a picture: rates per second, `elapsed` in ms, `now` in ms since the epoch. */
export type Frame = {
  readonly colors: Colors
  readonly elapsed: number
  readonly now: number
  readonly rates?: { readonly steps?: number; readonly commits?: number }
  /** how many lines of steps there is room for, and how wide they may be */
  readonly rows: number
  readonly columns: number
}

/**
 * A run as lines: a head with all counts, then a line for each step or loop, in loops for running steps only; lines
 * without room are counted, and long lines are cut.
 */
export function drawRun(progress: RunProgress, frame: Frame): readonly string[] {
  const all = [...linesIn(progress)]
  const head = headOf(progress, frame)
  const shown = choose(all, Math.max(1, frame.rows - (countLines(frame.columns, head) - 1)))
  const width = Math.min(32, Math.max(0, ...shown.map(({ group, depth }) => group.id.length + 2 * depth)))
  const hidden = progress.hidden + all.length - shown.length
  const more = hidden > 0 ? [fitLine(`  … and ${formatCount(hidden, 'more step')}`, frame.columns)] : []
  return [head, ...shown.map((line) => drawLine(line, width, frame)), ...more]
}

function headOf(progress: RunProgress, { colors, elapsed, rates = {} }: Frame): string {
  const { name, status, done, total, failed, skipped, running, used } = progress
  const facts = [
    // a workflow does not know its steps
    total === 0 ? `${done} done` : `${done} of ${total} done`,
    failed > 0 && colors.red(`${failed} failed`),
    skipped > 0 && `${skipped} skipped`,
    running.size > 0 && `${running.size} running`,
    queuedSteps(progress) > 0 && `${queuedSteps(progress)} queued`,
    status === 'running' && rates.steps !== undefined && `${Math.round(rates.steps)} steps/s`,
    status === 'running' && rates.commits !== undefined && `${Math.round(rates.commits)} commits/s`,
    ...usageFacts(used),
    formatDuration(elapsed),
  ]
  return `${colors.bold(name)}  ${facts.filter((fact) => fact !== false).join(' · ')}`
}

/** A group and the number of loops around it. */
type Line = { readonly group: ProgressLine; readonly depth: number }

/** All groups, with the groups of a loop below it. */
function* linesIn({ groups }: RunProgress): Generator<Line> {
  const inside = Map.groupBy(groups.values(), ({ within }) => within)
  function* from(loop: string | undefined, depth: number): Generator<Line> {
    for (const group of inside.get(loop) ?? []) {
      yield { group, depth }
      yield* from(group.id, depth + 1)
    }
  }
  yield* from(undefined, 0)
}

// Running steps first; a quarter is for failed ones. Steps of the graph precede steps of loops, then the latest.
function choose(lines: readonly Line[], rows: number): readonly Line[] {
  if (lines.length <= rows) return lines
  const above = lines.toSorted((a, b) => a.depth - b.depth)
  const running = above.filter(({ group }) => group.status === 'running')
  const failed = above.filter(
    ({ group }) => group.status !== 'running' && (group.status === 'failed' || group.failed > 0),
  )
  const some = failed.slice(0, Math.round(rows / 4))
  const chosen = new Set([...new Set([...some, ...running, ...failed, ...lines.toReversed()])].slice(0, rows))
  return lines.filter((line) => chosen.has(line))
}

function drawLine({ group, depth }: Line, width: number, { colors, now, columns }: Frame): string {
  const indent = '  '.repeat(depth)
  const label = `${group.id.padEnd(width - indent.length)}  `
  const room = columns - 4 - indent.length - label.length
  const why = problemText(group)
  const facts = factsIn(room - Math.min(MIN_PROBLEM_WIDTH, why.length), group, now)
  const trouble = oneLine(why, Math.max(MIN_PROBLEM_WIDTH, room - taken(facts)))
  const shown = group.status === 'running' && trouble !== '' ? colors.dim(trouble) : colors.red(trouble)
  const rest = [...facts, ...(trouble === '' ? [] : [shown])].join(' · ')
  return fitLine(`  ${indent}${statusMark(markOf(group), colors)} ${label}${rest}`.trimEnd(), columns)
}

/** This much of a problem is shown before the usage of models. */
const MIN_PROBLEM_WIDTH = 24

/** The facts of a group; if it has a problem and there is no room for all, without the usage of models. */
function factsIn(room: number, group: ProgressLine, now: number): readonly string[] {
  const facts = factsOf(group, now)
  if (problemText(group) === '' || taken(facts) <= room) return facts
  const { model: _, ...rest } = group
  return factsOf({ ...rest, used: NO_USAGE }, now)
}

const taken = (facts: readonly string[]) => facts.reduce((sum, { length }) => sum + length + 3, 0)

/** An ask as lines: its question, then its phases, cycle by cycle; `decide`: the command for an open decision. */
export function drawAsk(
  { prompt, phases, proposal, consent, draft }: AskProgress,
  { colors, elapsed, rows, columns }: Frame,
  decide = '',
): readonly string[] {
  const waits = proposal ? [`  ${statusMark('waiting', colors)} ${decisionText(proposal)}`, `    ${decide}`] : []
  const asked = consent === undefined ? [] : [`  ${statusMark('waiting', colors)} ${consent}`]
  const shown = phases.slice(-Math.max(1, rows - waits.length - asked.length))
  const width = Math.max(0, ...shown.map(({ phase }) => phase.length))
  const cycles = Math.max(0, ...phases.map(({ cycle }) => cycle))
  const head = `${colors.bold(oneLine(prompt, 72))}  ${cycles > 1 ? `cycle ${cycles} · ` : ''}${formatDuration(elapsed)}`
  const above = [head, ...shown.map((phase) => drawPhase(phase, width, colors)), ...asked, ...waits]
  return [...above, ...draftLines(draft, columns, rows - above.length)]
}

function drawPhase({ phase, status, model, ms, problem }: PhaseProgress, width: number, colors: Colors): string {
  const facts = [ms === undefined ? '' : formatDuration(ms), model ?? '', problem?.message ?? '']
  return `  ${statusMark(status, colors)} ${phase.padEnd(width)}  ${facts.filter((fact) => fact !== '').join(' · ')}`.trimEnd()
}

/** A citation, or as much of one as has been written. */
const CITED = /(?<!\s)\s*<vid>[^<]*<\/vid>/g
const CITED_IN_PART = /(?<!\s)\s*<(?:v(?:id?>?[^<]{0,40}(?:<[^<]{0,5})?)?)?$/

/** An unfinished answer: its last lines that fit, below an empty one, without the citations: they are unchecked. */
export function draftLines(draft: string | undefined, columns: number, rows: number): readonly string[] {
  if (draft === undefined || rows < 2) return []
  const text = draft.replace(CITED, '').replace(CITED_IN_PART, '')
  const lines = text.split('\n').flatMap((line) => wrapped(line, columns - 1))
  return ['', ...lines.slice(1 - rows)]
}

/** Cut between words; a word that is longer than a line is cut too. */
function wrapped(line: string, width: number): readonly string[] {
  const lines: string[] = []
  let rest = line
  while (rest.length > width) {
    const space = rest.lastIndexOf(' ', width)
    const end = space > 0 ? space : width
    lines.push(rest.slice(0, end))
    rest = rest.slice(end).trimStart()
  }
  return [...lines, rest]
}
