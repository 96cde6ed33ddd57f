import type { Problem } from '../errors.ts'
import type { Json } from '../kernel/schema.ts'

/** A run as its durable events tell it. */
export type RunProgress = {
  readonly name: string
  readonly status: 'queued' | 'running' | 'completed' | 'failed' | 'cancelled'
  /** steps in all, as far as is known: a loop adds its own when it starts */
  readonly total: number
  readonly done: number
  readonly failed: number
  readonly skipped: number
  /** ids of the steps under way */
  readonly running: ReadonlySet<string>
  /** by the step's id, in the order they started; a loop's steps are folded into the loop */
  readonly groups: ReadonlyMap<string, Group>
}

/** One line of the tree: a step, or a loop with all the steps it repeats. */
export type Group = Counts & {
  readonly id: string
  readonly status: 'running' | 'completed' | 'failed' | 'skipped'
  /** absent: it is no loop */
  readonly loop?: { readonly iterations: number; readonly steps: number }
  readonly running: number
  readonly ms?: number
  readonly problem?: Problem
  /** what it waits for */
  readonly waits?: string
}
type Counts = { readonly done: number; readonly failed: number; readonly skipped: number }

/** What a run tells; other events change nothing. */
export type RunEvent =
  | { readonly type: 'run-start'; readonly name: string; readonly steps: number }
  | LoopEvent
  | { readonly type: 'step-start'; readonly step: string }
  | { readonly type: 'signal-wait'; readonly step: string; readonly title: string; readonly run?: string }
  | StepEndEvent
  | { readonly type: 'run-end'; readonly status: 'completed' | 'failed' | 'cancelled'; readonly problem?: Problem }
/** A loop begins, or goes on for another turn: how many iterations there are to be, and how many steps that adds. */
export type LoopEvent = {
  readonly type: 'loop-start' | 'loop-turn'
  readonly step: string
  readonly iterations: number
  readonly steps: number
}
/** A step ended; `ms` is how long it took. */
export type StepEndEvent = {
  readonly type: 'step-end'
  readonly step: string
  readonly status: 'completed' | 'failed' | 'skipped'
  readonly ms: number
  readonly problem?: Problem
  /** it was taken over from an earlier run */
  readonly reused?: true
}

/** Before the first event. */
export const unstarted: RunProgress = {
  name: '',
  status: 'queued',
  total: 0,
  done: 0,
  failed: 0,
  skipped: 0,
  running: new Set(),
  groups: new Map(),
}

/** The progress after one more event. */
export function followRun(progress: RunProgress, body: Json): RunProgress {
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
      return waitStep(progress, event)
    case 'step-end':
      return endStep(progress, event)
    case 'run-end':
      return { ...progress, status: event.status }
    default:
      return progress
  }
}

function turnLoop(progress: RunProgress, event: LoopEvent): RunProgress {
  const group = groupOf(progress, event.step)
  const iterations = group.id === event.step ? event.iterations : (group.loop?.iterations ?? 0)
  const loop = { iterations, steps: (group.loop?.steps ?? 0) + event.steps }
  const groups = new Map(progress.groups).set(group.id, { ...group, loop })
  return { ...progress, total: progress.total + event.steps, groups }
}

function startStep(progress: RunProgress, step: string): RunProgress {
  if (progress.running.has(step)) return progress
  const running = new Set(progress.running).add(step)
  const group = groupOf(progress, step)
  const isBody = group.id !== step
  const changed = isBody ? { ...group, running: group.running + 1 } : group
  return { ...progress, running, groups: new Map(progress.groups).set(group.id, changed) }
}

function waitStep(progress: RunProgress, { step, title, run }: RunEvent & { type: 'signal-wait' }): RunProgress {
  const group = groupOf(progress, step)
  // of a run below, or of an iteration, the line of its own says nothing
  if (run !== undefined || group.id !== step) return progress
  return { ...progress, groups: new Map(progress.groups).set(step, { ...group, waits: title }) }
}

function endStep(progress: RunProgress, event: StepEndEvent): RunProgress {
  const { step } = event
  const group = groupOf(progress, step)
  const running = new Set(progress.running)
  const wasRunning = running.delete(step)
  const changed = group.id === step ? endGroup(group, event) : endBody(group, event, wasRunning)
  return { ...countEnd(progress, event), running, groups: new Map(progress.groups).set(group.id, changed) }
}

function endGroup(group: Group, { status, ms, problem }: StepEndEvent): Group {
  return { ...group, status, ms, ...(problem && { problem }) }
}

function endBody(group: Group, event: StepEndEvent, wasRunning: boolean): Group {
  return { ...countEnd(group, event), running: group.running - (wasRunning ? 1 : 0) }
}

function countEnd<T extends Counts>(counts: T, { status }: StepEndEvent): T {
  if (status === 'completed') return { ...counts, done: counts.done + 1 }
  if (status === 'failed') return { ...counts, failed: counts.failed + 1 }
  return { ...counts, skipped: counts.skipped + 1 }
}

/** The group a step belongs to: that of the outermost loop for `<loop>_<index>_<child>`, else its own. */
export function groupOf({ groups }: RunProgress, step: string): Group {
  for (const { index } of step.matchAll(/_\d+_/g)) {
    const loop = groups.get(step.slice(0, index))
    if (loop?.loop) return loop
  }
  return groups.get(step) ?? { id: step, status: 'running', done: 0, failed: 0, skipped: 0, running: 0 }
}

/** Steps known of that have not started. */
export function queuedOf({ total, done, failed, skipped, running }: RunProgress): number {
  return Math.max(0, total - done - failed - skipped - running.size)
}
