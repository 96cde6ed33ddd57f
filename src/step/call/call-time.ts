import { terminalProblem } from '../../errors.ts'
import type { AgentAncestry } from '../../work/origin/goal-origin.ts'
import type { StepContext } from './context.ts'

/** The time that attempts at a call have used of what its goal had left. It begins with the first attempt's work. */
export type CallTime = { readonly used: number; began?: number }

type Timed = Pick<StepContext, 'start' | 'services'> & { readonly time?: CallTime | undefined }

const NO_LIMIT = Number.POSITIVE_INFINITY

/** ms that a call may still take, at least 1: what its goal had left, over all attempts. Infinity: no limit. */
export function callTimeLeft({ start: { run }, services, time = NO_TIME }: Timed): number {
  const { callTime = NO_LIMIT } = run
  return callTime === NO_LIMIT ? NO_LIMIT : Math.max(1, callTime - usedBy(time, services))
}

/** Notes that the work of an attempt begins. Time in a queue before the first one does not count. */
export function startCallTime({ services, time }: Timed): void {
  if (time) time.began ??= elapsedIn(services)
}

/** The time that a step has used when its next attempt begins in a later turn. */
export function usedWhenLater({ start: { run }, services, time = NO_TIME }: Timed, delay: number): { used?: number } {
  return run.callTime === undefined ? {} : { used: Math.round(usedBy(time, services) + delay) }
}

const NO_TIME: CallTime = { used: 0 }

const usedBy = ({ used, began }: CallTime, services: Timed['services']) =>
  used + (began === undefined ? 0 : elapsedIn(services) - began)

const elapsedIn = ({ elapsed }: Timed['services']) => (elapsed ? elapsed() : performance.now())

/**
 * The ancestry of work below a step. Its deadline gives it what the goal had left when the run of the step began: the
 * time that a person took since then does not count.
 */
export function ancestryBelow({ start: { run }, services }: Timed): AgentAncestry | undefined {
  const { callTime, provenance: { ancestry } = {} } = run
  const now = services.patience?.now()
  return ancestry && callTime !== undefined && now !== undefined ? { ...ancestry, until: now + callTime } : ancestry
}

/** Whether work below that starts after `delay` ms would start after its deadline. */
export function startsTooLate(
  ancestry: AgentAncestry | undefined,
  delay: number,
  services: Timed['services'],
): boolean {
  const now = services.patience?.now()
  return ancestry?.until !== undefined && now !== undefined && now + delay >= ancestry.until
}

/** The problem of work that the deadline of the goal above cuts off. */
export const DEADLINE_REACHED = terminalProblem({
  code: 'timeout',
  name: 'TimeoutError',
  message: 'it was cut off at the deadline of its goal',
})
