/** A duty as its actor knows it. `pause`: ms between two runs, unless the duty asks for an earlier one. */
export type DutyInfo = { readonly name: string; readonly pause: number }

/** The result of a run: when the duty wants to run next (ms since the epoch), and counts of what it did. */
export type DutyResult = { readonly next?: number; readonly did?: { readonly [what: string]: number } }

/** A run that did its work, or failed with the code of an error. The message stays out, since it may quote a text. */
export type DutyOutcome = DutyResult | { readonly code: string }

/** A duty of a memory as it is stored. Times in ms since the epoch. */
type DutyState = {
  /** when it runs next; absent: after the next write */
  readonly due?: number
  /** when it last ran */
  readonly ran?: number
  /** the last run that did something */
  readonly did?: { readonly at: number; readonly counts: { readonly [what: string]: number } }
  /** failures since the last success */
  readonly failed?: { readonly code: string; readonly attempts: number }
}

export type DutyStates = { readonly [name: string]: DutyState }

/** ms until the next attempt after a failure. The last one repeats. */
const RETRY_MS = [1_000, 5_000, 30_000, 120_000, 600_000]
/** ms until the next run of a duty that did nothing and asks for another run at once. */
const IDLE_MS = 1_000

/** After a write, every duty is due when its pause is over. One that fails keeps its next attempt. */
export function wakeDuties(
  duties: readonly DutyInfo[],
  states: DutyStates,
  now: number,
): { [name: string]: DutyState } {
  return Object.fromEntries(
    duties.map(({ name, pause }) => {
      const state = states[name] ?? {}
      // a clock that was set back does not hold up a duty
      const ran = Math.min(state.ran ?? Number.NEGATIVE_INFINITY, now)
      const due = Math.max(now, ran + pause)
      return [name, state.failed ? state : { ...state, due: Math.min(due, state.due ?? due) }]
    }),
  )
}

/** The states of the duties that still exist. */
export function knownStates(duties: readonly DutyInfo[], states: DutyStates): { [name: string]: DutyState } {
  return Object.fromEntries(duties.flatMap(({ name }) => (states[name] ? [[name, states[name]]] : [])))
}

/** The duties that are due, in the order in which they run. */
export function dueDuties<Info extends DutyInfo>(
  duties: readonly Info[],
  states: DutyStates,
  now: number,
): readonly Info[] {
  return duties.filter(({ name }) => (states[name]?.due ?? Number.POSITIVE_INFINITY) <= now)
}

export function afterRun({ due: _, failed, ...rest }: DutyState, outcome: DutyOutcome, now: number): DutyState {
  if ('code' in outcome) {
    const attempts = (failed?.attempts ?? 0) + 1
    const delay = RETRY_MS[Math.min(attempts, RETRY_MS.length) - 1]!
    return { ...rest, due: now + delay, ran: now, failed: { code: outcome.code, attempts } }
  }
  const { next, did } = outcome
  const earliest = did ? now : now + IDLE_MS
  return {
    ...rest,
    ran: now,
    ...(did && { did: { at: now, counts: did } }),
    ...(next !== undefined && { due: Math.max(next, earliest) }),
  }
}

/** When the next duty is due; undefined: none is. */
export function nextDue(states: DutyStates): number | undefined {
  const dues = Object.values(states).flatMap(({ due }) => (due === undefined ? [] : [due]))
  return dues.length === 0 ? undefined : Math.min(...dues)
}
