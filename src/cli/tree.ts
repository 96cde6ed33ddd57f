import type { AskProgress, PhaseProgress } from './asking.ts'
import { type Group, queuedOf, type RunProgress } from './progress.ts'
import type { Colors } from './terminal.ts'
import { count, duration } from './words.ts'

/** What a picture needs beside the progress; rates are per second, `elapsed` in ms. */
export type Frame = {
  readonly colors: Colors
  readonly elapsed: number
  readonly rates?: { readonly steps?: number; readonly commits?: number }
  /** how many lines of steps there is room for */
  readonly rows: number
}

/** A run as lines: a head with all counts, then a line for each step or loop; what does not fit is counted. */
export function drawRun(progress: RunProgress, frame: Frame): readonly string[] {
  const groups = [...progress.groups.values()]
  const shown = choose(groups, Math.max(1, frame.rows))
  const width = Math.min(32, Math.max(0, ...shown.map(({ id }) => id.length)))
  const lines = shown.map((group) => drawGroup(group, width, frame.colors))
  const hidden = groups.length - shown.length
  return [headOf(progress, frame), ...lines, ...(hidden > 0 ? [`  … and ${count(hidden, 'more step')}`] : [])]
}

function headOf(progress: RunProgress, { colors, elapsed, rates = {} }: Frame): string {
  const { name, status, done, total, failed, skipped, running } = progress
  const facts = [
    `${done} of ${total} done`,
    failed > 0 && colors.red(`${failed} failed`),
    skipped > 0 && `${skipped} skipped`,
    running.size > 0 && `${running.size} running`,
    queuedOf(progress) > 0 && `${queuedOf(progress)} queued`,
    status === 'running' && rates.steps !== undefined && `${Math.round(rates.steps)} steps/s`,
    status === 'running' && rates.commits !== undefined && `${Math.round(rates.commits)} commits/s`,
    duration(elapsed),
  ]
  return `${colors.bold(name)}  ${facts.filter((fact) => fact !== false).join(' · ')}`
}

// What runs or failed matters most, then what ended last.
function choose(groups: readonly Group[], rows: number): readonly Group[] {
  if (groups.length <= rows) return groups
  const matters = ({ status, failed }: Group) => status === 'running' || status === 'failed' || failed > 0
  const ranked = [...groups.filter(matters), ...groups.filter((group) => !matters(group)).reverse()]
  const chosen = new Set(ranked.slice(0, rows))
  return groups.filter((group) => chosen.has(group))
}

function drawGroup(group: Group, width: number, colors: Colors): string {
  const facts = group.loop ? loopFacts(group, group.loop.steps) : [group.ms === undefined ? '' : duration(group.ms)]
  const waits = group.status === 'running' && group.waits !== undefined ? `waits: ${oneLine(group.waits, 60)}` : ''
  const problem = group.problem ? colors.red(group.problem.message) : ''
  const rest = [...facts, waits, problem].filter((fact) => fact !== '').join(' · ')
  return `  ${mark(group.status, colors)} ${group.id.padEnd(width)}  ${rest}`.trimEnd()
}

function loopFacts({ done, failed, skipped, running }: Group, steps: number): string[] {
  return [
    `${done} of ${steps}`,
    failed > 0 ? `${failed} failed` : '',
    skipped > 0 ? `${skipped} skipped` : '',
    running > 0 ? `${running} running` : '',
  ]
}

/** An ask as lines: its question, then a line for each phase, cycle by cycle. */
export function drawAsk({ prompt, phases }: AskProgress, { colors, elapsed, rows }: Frame): readonly string[] {
  const shown = phases.slice(-Math.max(1, rows))
  const width = Math.max(0, ...shown.map(({ phase }) => phase.length))
  const cycles = Math.max(0, ...phases.map(({ cycle }) => cycle))
  const head = `${colors.bold(oneLine(prompt, 72))}  ${cycles > 1 ? `cycle ${cycles} · ` : ''}${duration(elapsed)}`
  return [head, ...shown.map((phase) => drawPhase(phase, width, colors))]
}

function drawPhase({ phase, status, model, ms, problem }: PhaseProgress, width: number, colors: Colors): string {
  const facts = [ms === undefined ? '' : duration(ms), model ?? '', problem?.message ?? '']
  return `  ${mark(status, colors)} ${phase.padEnd(width)}  ${facts.filter((fact) => fact !== '').join(' · ')}`.trimEnd()
}

/** The sign of a status word. */
export function mark(status: string, colors: Colors): string {
  switch (status) {
    case 'completed':
      return colors.green('✓')
    case 'failed':
      return colors.red('✗')
    case 'degraded':
      return colors.yellow('!')
    case 'running':
    case 'working':
      return colors.cyan('▸')
    default:
      return colors.dim('-')
  }
}

/** A text on one line, cut where it gets long. */
export function oneLine(text: string, length: number): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length <= length ? line : `${line.slice(0, length - 1)}…`
}
