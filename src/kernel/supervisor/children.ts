import type { Problem } from '../../errors.ts'
import { type Child, childName, type Restart, type SupervisorStart } from './spec.ts'

/** The state of a supervisor: its specification, and the status of its children by name. */
export type SupervisorState = Required<Omit<SupervisorStart, 'type'>> & {
  /** the correlationId of its start message, which all its work has */
  readonly work: string
  /** started, and not known to be down */
  readonly up: readonly string[]
  /** down, and will not be restarted */
  readonly ended: readonly string[]
  /** could not take their start message */
  readonly failing: readonly string[]
  /** stopped, and keep their state */
  readonly kept: readonly string[]
  /** children to stop in sequence; the first one has its stop message */
  readonly stopping: readonly string[]
  /** times of restarts (ms since the epoch), within the period of the intensity */
  readonly restarts: readonly number[]
  /** what follows when all children are down */
  readonly goal:
    | { readonly type: 'start' }
    | { readonly type: 'stop'; readonly keep?: true }
    | { readonly type: 'escalate'; readonly problem: Problem }
}

export function newState({ strategy, intensity, children }: Required<SupervisorStart>, work: string): SupervisorState {
  const nobody = { up: [], ended: [], failing: [], kept: [], stopping: [], restarts: [] }
  return { strategy, intensity, children, work, ...nobody, goal: { type: 'start' } }
}

/** Children that should be running and are not. */
export function missingChildren({ children, up, ended }: SupervisorState): readonly Child[] {
  return children.filter((child) => !up.includes(childName(child)) && !ended.includes(childName(child)))
}

/** Stops all children, the last one first; then pursues the goal. */
export function stopAll(state: SupervisorState, goal: SupervisorState['goal']): SupervisorState {
  return { ...stopAlso(state, state.up), goal }
}

/** Whether a child that is stopped now keeps its state, because it may be started again. */
export function keepsChildState({ goal, children }: SupervisorState, name: string): boolean {
  if (goal.type === 'stop' && !goal.keep) return false
  const child = children.find((one) => childName(one) === name)
  return child?.onRestart !== 'reset' && child?.restart !== 'temporary'
}

type ChildDown = { readonly child: string; readonly reason: 'gone' | 'stopped' | 'failed' }

/** A child went down at `now`: determines which children to stop, and what follows. */
export function afterChildDown(before: SupervisorState, { child, reason }: ChildDown, now: number): SupervisorState {
  const state = { ...without(before, child), up: before.up.filter((name) => name !== child) }
  if (before.stopping.includes(child) || before.goal.type !== 'start') return takeStopped(state, child, reason)
  const failed = reason === 'failed' || before.failing.includes(child)
  if (!isRestarted(state, child, failed)) return { ...state, ended: [...state.ended, child] }
  const restarts = [...state.restarts.filter((at) => now - at < state.intensity.within), now]
  const isTooMany = restarts.length > state.intensity.restarts
  const others = isTooMany ? state.up : companions(state, child)
  const next = stopAlso({ ...state, restarts }, reason === 'failed' ? [child, ...others] : others)
  return isTooMany ? { ...next, goal: { type: 'escalate', problem: tooMany(state, child) } } : next
}

/** A child that was to be stopped is down. A failed actor still exists, and must still be stopped. */
function takeStopped(state: SupervisorState, child: string, reason: ChildDown['reason']): SupervisorState {
  if (reason === 'failed') return stopAlso(state, [child])
  const ended = restartOf(state, child) === 'temporary' ? [...state.ended, child] : state.ended
  const resting = reason === 'stopped' && keepsChildState(state, child) ? [...state.kept, child] : state.kept
  return { ...state, ended, kept: resting, stopping: state.stopping.filter((name) => name !== child) }
}

const without = (state: SupervisorState, child: string) => ({
  ...state,
  kept: state.kept.filter((name) => name !== child),
})

function isRestarted(state: SupervisorState, child: string, failed: boolean): boolean {
  const restart = restartOf(state, child)
  return restart === 'permanent' || (restart === 'transient' && failed)
}

function restartOf({ children }: SupervisorState, name: string): Restart {
  return children.find((child) => childName(child) === name)?.restart ?? 'permanent'
}

/** The children that the strategy stops together with this one. */
function companions({ strategy, children, up }: SupervisorState, child: string): readonly string[] {
  if (strategy === 'one-for-one') return []
  const names = children.map(childName)
  return strategy === 'one-for-all' ? up : up.filter((name) => names.indexOf(name) > names.indexOf(child))
}

/** Adds children to stop, after the one that is stopping now, in reverse order of their start. */
function stopAlso(state: SupervisorState, more: readonly string[]): SupervisorState {
  const [current, ...rest] = state.stopping
  const waiting = new Set([...rest, ...more])
  const ordered = state.children.map(childName).filter((name) => waiting.has(name) && name !== current)
  return { ...state, stopping: [...(current === undefined ? [] : [current]), ...ordered.reverse()] }
}

function tooMany({ intensity: { restarts, within } }: SupervisorState, child: string): Problem {
  const message = `more than ${restarts} restarts within ${within} ms, the last because ${child} went down`
  return { code: 'restart_intensity', name: 'TerminalError', message, terminal: true }
}
