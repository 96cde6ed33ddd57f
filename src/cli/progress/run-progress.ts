import type { Problem } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import type { RunEvent, StepEndEvent, StepUndoEvent } from '../../run/event.ts'
import { isReplaced, lossesOf, type ModelUse, sumTaken } from '../../step/record/model-use.ts'
import type { FailedHandler, StepWait } from '../../step/record/step.ts'

/** Tokens in and out, and dollars for models with a price. */
export type ModelUsage = Pick<ModelUse, 'input' | 'output' | 'cacheRead' | 'cacheWrite' | 'cost'>

export const NO_USAGE: ModelUsage = { input: 0, output: 0 }

const addUsage = (used: ModelUsage, uses: readonly ModelUse[] = []): ModelUsage => sumTaken([used, ...uses])

/** The progress of a run, built from its durable events. Its size does not grow with the number of steps. */
export type RunProgress = {
  readonly name: string
  readonly status: 'queued' | 'running' | 'completed' | 'failed' | 'cancelled'
  /** steps in all, as far as is known: a loop adds its own when it starts */
  readonly total: number
  readonly done: number
  readonly failed: number
  readonly skipped: number
  /** completed steps that were reused from an earlier run */
  readonly reused: number
  readonly used: ModelUsage
  /** ids of the steps under way */
  readonly running: ReadonlySet<string>
  /** by the step's id, in the order of start; for a loop, its running steps and some failed ones */
  readonly groups: ReadonlyMap<string, ProgressLine>
  /** steps that ended and are not in `groups` any more */
  readonly hidden: number
}

/** One line of the tree: a step, or a loop with all the steps it repeats. */
export type ProgressLine = Counts & {
  readonly id: string
  /** the loop it is a step of */
  readonly within?: string
  readonly status: 'running' | 'completed' | 'failed' | 'skipped'
  /** absent: not a loop */
  readonly loop?: { readonly iterations: number; readonly steps: number }
  readonly running: number
  readonly used: ModelUsage
  readonly ms?: number
  readonly attempts?: number
  readonly model?: string
  readonly problem?: Problem
  /** parts missing in its result; for a loop the number of its steps with missing parts */
  readonly lacks?: readonly string[]
  readonly lacking?: number
  /** the handler of that failure */
  readonly handled?: string
  readonly failedHandlers?: readonly FailedHandler[]
  /** the event or actor that it waits for */
  readonly waits?: string
  /** the time of its next attempt after a failure (ms since the epoch) */
  readonly pause?: { readonly until: number; readonly attempts: number }
  /** for a loop: the time of the next call in a wait of its steps that is worth a line (ms since the epoch) */
  readonly longestWait?: number
  /** whether it was undone after the run failed */
  readonly undone?: boolean
}
type Counts = Pick<RunProgress, 'done' | 'failed' | 'skipped' | 'reused'>

/** The progress before the first event. */
export const INITIAL_RUN_PROGRESS: RunProgress = {
  name: '',
  status: 'queued',
  total: 0,
  done: 0,
  failed: 0,
  skipped: 0,
  reused: 0,
  used: NO_USAGE,
  running: new Set(),
  groups: new Map(),
  hidden: 0,
}

export function applyRunEvent(progress: RunProgress, body: Json): RunProgress {
  const event = body as RunEvent
  switch (event.type) {
    case 'run-start':
      return { ...progress, name: event.name, status: 'running', total: event.steps }
    case 'loop-start':
    case 'loop-turn':
      return turnLoop(progress, event)
    case 'step-start':
      return startStep(progress, event.step)
    case 'signal-wait':
      // a child run has no line of its own
      return event.run === undefined ? change(progress, event.step, { waits: event.title }) : progress
    case 'step-wait':
      return pauseStep(progress, event)
    case 'step-end':
      return endStep(progress, event)
    case 'step-undo':
      // steps of loops, and steps that ended long ago, have no line of their own
      return progress.groups.has(event.step) ? change(progress, event.step, undoneBy(event)) : progress
    case 'run-end':
      return { ...progress, status: event.status }
    default:
      return progress
  }
}

/** The loops around a step, the outermost first: the names before each index in `<loop>_<index>_<child>`. */
export function loopsAround({ groups }: RunProgress, step: string): readonly string[] {
  const loops: string[] = []
  for (const { index } of step.matchAll(/_(?=\d+_)/g)) {
    const loop = step.slice(0, index)
    if (groups.get(loop)?.loop) loops.push(loop)
  }
  return loops
}

/** Known steps that have not started. */
export function queuedSteps({ total, done, failed, skipped, running }: RunProgress): number {
  return Math.max(0, total - done - failed - skipped - running.size)
}

function turnLoop(
  progress: RunProgress,
  { step, iterations, steps }: Extract<RunEvent, { readonly type: 'loop-start' | 'loop-turn' }>,
): RunProgress {
  const groups = new Map(progress.groups)
  const add = (id: string, times?: number) => {
    const { loop, ...group } = groups.get(id) ?? groupOf(progress, id)
    const before = loop ?? { iterations: 0, steps: 0 }
    groups.set(id, { ...group, loop: { iterations: times ?? before.iterations, steps: before.steps + steps } })
  }
  for (const loop of loopsAround(progress, step)) add(loop)
  add(step, iterations)
  return { ...progress, total: progress.total + steps, groups }
}

function startStep(progress: RunProgress, step: string): RunProgress {
  if (progress.running.has(step)) return progress
  const groups = new Map(progress.groups)
  for (const id of loopsAround(progress, step)) groups.set(id, countRunning(groups.get(id)!, 1))
  groups.set(step, groups.get(step) ?? groupOf(progress, step))
  return { ...progress, running: new Set(progress.running).add(step), groups }
}

const countRunning = (group: ProgressLine, more: number): ProgressLine => ({ ...group, running: group.running + more })

function pauseStep(progress: RunProgress, { step, until, attempts, problem }: StepWait): RunProgress {
  const paused = change(progress, step, { pause: { until, attempts }, problem })
  const [loop] = loopsAround(progress, step)
  const { longestWait = 0 } = loop === undefined ? {} : (progress.groups.get(loop) ?? {})
  // the items of a loop often wait for the same provider: one line for all of them
  const isNews = loop !== undefined && until > longestWait + SAME_WAIT_MS
  return isNews ? change(paused, loop, { longestWait: until }) : paused
}

/** Waits of a loop that end within this time of each other count as one. */
const SAME_WAIT_MS = 5000

function undoneBy({ undone, problem }: StepUndoEvent): Partial<ProgressLine> {
  return { undone, ...(problem && { problem }) }
}

function change(progress: RunProgress, step: string, changes: Partial<ProgressLine>): RunProgress {
  const group = progress.groups.get(step) ?? groupOf(progress, step)
  return { ...progress, groups: new Map(progress.groups).set(step, { ...group, ...changes }) }
}

function endStep(progress: RunProgress, event: StepEndEvent): RunProgress {
  const { step, models } = event
  const running = new Set(progress.running)
  const wasRunning = running.delete(step)
  const groups = new Map(progress.groups)
  for (const id of loopsAround(progress, step)) {
    const counted = countEnd(groups.get(id)!, event)
    const lacking = (counted.lacking ?? 0) + (lossesOf(event).length > 0 ? 1 : 0)
    const added = { ...counted, used: addUsage(counted.used, models), ...(lacking > 0 && { lacking }) }
    groups.set(id, countRunning(added, wasRunning ? -1 : 0))
  }
  const ended = endGroup(groups.get(step) ?? groupOf(progress, step), event)
  const hidden = progress.hidden + pruneLines(groups.set(step, ended), ended)
  return { ...countEnd(progress, event), used: addUsage(progress.used, models), running, groups, hidden }
}

function endGroup(group: ProgressLine, event: StepEndEvent): ProgressLine {
  const { status, ms, attempts, problem, reused, handled, failedHandlers, models = [] } = event
  const { pause: _, waits: __, problem: ___, ...rest } = group
  const model = models.at(-1)?.model
  const lacks = lossesOf(event)
  // the loss says what failed and what replaced it
  const fault = isReplaced(event) ? {} : { ...(problem && { problem }), ...(handled !== undefined && { handled }) }
  return {
    ...rest,
    status,
    ms,
    used: addUsage(group.used, models),
    ...(attempts !== undefined && { attempts }),
    ...(model !== undefined && { model }),
    ...fault,
    ...(lacks.length > 0 && { lacks }),
    ...(reused && { reused: 1 }),
    ...(failedHandlers && { failedHandlers }),
  }
}

function countEnd<T extends Counts>(counts: T, { status, reused }: StepEndEvent): T {
  if (status === 'completed') return { ...counts, done: counts.done + 1, reused: counts.reused + (reused ? 1 : 0) }
  if (status === 'failed') return { ...counts, failed: counts.failed + 1 }
  return { ...counts, skipped: counts.skipped + 1 }
}

function groupOf(progress: RunProgress, id: string): ProgressLine {
  const within = loopsAround(progress, id).at(-1)
  const counts = { done: 0, failed: 0, skipped: 0, reused: 0, running: 0 }
  return { id, ...(within !== undefined && { within }), status: 'running', ...counts, used: NO_USAGE }
}

/** Limits of the picture: lines of ended steps, and lines of failed steps for each loop. */
const MAX_ENDED_LINES = 200
const MAX_FAILED_LINES_PER_LOOP = 3

/** Removes ended steps from `groups`: those of loops, and the oldest of many of the graph, which are counted. */
function pruneLines(groups: Map<string, ProgressLine>, { id, loop, within }: ProgressLine): number {
  if (loop) for (const inner of [...groups.values()].filter(isIn(id))) groups.delete(inner.id)
  if (within === undefined) return dropOldest(groups)
  if (!isShownFailure(groups.get(id)!, groups)) groups.delete(id)
  return 0
}

const isIn =
  (loop: string) =>
  ({ within }: ProgressLine) =>
    within === loop || within?.startsWith(`${loop}_`)
const isOver = ({ within, status }: ProgressLine) => within === undefined && status !== 'running'

function isShownFailure({ within, status }: ProgressLine, groups: ReadonlyMap<string, ProgressLine>): boolean {
  if (status !== 'failed') return false
  const failed = [...groups.values()].filter((group) => group.within === within && group.status === 'failed')
  return failed.length <= MAX_FAILED_LINES_PER_LOOP
}

/** Drops completed steps before failed ones. */
function dropOldest(groups: Map<string, ProgressLine>): number {
  const over = [...groups.values()].filter(isOver)
  const count = Math.max(0, over.length - MAX_ENDED_LINES)
  if (count === 0) return 0
  const ranked = [false, true].flatMap((failed) => over.filter(({ status }) => (status === 'failed') === failed))
  for (const { id } of ranked.slice(0, count)) groups.delete(id)
  return count
}
