import { stepRef } from '../../house/actors.ts'
import type { Send, Turn } from '../../kernel/types.ts'
import { workOfRun } from '../../run/run.ts'
import { membersIn } from '../../step/batch/parallel.ts'
import type { DeferredStep } from '../../step/messages/step-end.ts'
import type { StepStart } from '../../step/messages/step-start.ts'
import type { LiveRun } from '../live/live-runs.ts'
import type { WorkflowState } from '../replay/state.ts'
import { handOut, leaveQuick, takeEnds } from './advance.ts'
import type { TurnDraft, WorkflowTurn } from './draft.ts'
import { endSteps } from './end-steps.ts'
import { type Started, startMessage, turnOfStarted } from './start-operations.ts'

/** How many steps one turn does: its commit writes all of them. */
const MAX_STEPS = 128

/**
 * Does quick steps as effects of the run's own turn, and those that the function begins then. A step that turns out to
 * be slow goes on in an actor of its own, so that no other message waits for it.
 */
export async function runQuick(draft: TurnDraft, state: WorkflowState, batch: StepStart): Promise<Turn<WorkflowState>> {
  // the others were dropped in between
  const starts = membersIn(batch).filter(({ step }) => state.inFlight.includes(step))
  if (starts.length === 0) return {}
  const { live } = draft.services
  const { key } = draft.effects.self
  return runRounds({ draft, state, starts }, (held) => live.hold(key, held)).finally(() => live.hold(key, undefined))
}

async function runRounds(first: Round, hold: (live: LiveRun) => void): Promise<WorkflowTurn> {
  const bounds = first.draft.quick.bounds()
  let round = first
  for (let count = first.starts.length; ; count += round.starts.length) {
    const { draft, state, starts, live } = round
    if (live) hold(live)
    const { ends, deferred } = await draft.quick.run(starts, draft.effects, bounds)
    draft.send.push(...deferred.map((one) => deferredStart(draft, state, starts, one)))
    const ended = await endSteps(draft, state, ends, live)
    if (!ended) return turnOfStarted(round)
    const begun = count
    const next = await takeEnds<NextRound>(draft, ended.run, ended.ends, async () => {
      const started = await handOut(draft, ended.run, ended.numbers, ended.ends, live)
      if (!('quick' in started)) return started
      const [one, ...others] = started.quick
      if (!one || begun + started.quick.length > MAX_STEPS) return leaveQuick(started)
      const { body } = await startMessage(started.draft, started.state, one, others)
      return { ...started, starts: membersIn(body) }
    })
    if (!('starts' in next)) return next
    round = next
  }
}

/** Quick steps that are to be done. `live`: the function that began them, if this turn has called it. */
type Round = {
  readonly draft: TurnDraft
  readonly state: WorkflowState
  readonly starts: readonly StepStart[]
  readonly live?: LiveRun
}

/** A round that follows in the same turn. */
type NextRound = Started & Pick<Round, 'starts'>

/** Starts a step in an actor of its own, under the same idempotency key. */
function deferredStart(
  { effects: { self } }: TurnDraft,
  state: WorkflowState,
  starts: readonly StepStart[],
  { step, key, priorOutcome }: DeferredStep,
): Send {
  const start = starts.find((one) => one.step === step)!
  const body: StepStart = { ...start, batch: { deferred: { key, ...(priorOutcome && { priorOutcome }) } } }
  return { to: stepRef(self.key, step), body, replyTo: self, correlationId: workOfRun(self.key, state) }
}
