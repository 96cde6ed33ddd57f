import { type Problem, problemOf } from '../../errors.ts'
import { KIND, runRef } from '../../house/actors.ts'
import type { Json } from '../../kernel/json.ts'
import { nameOf } from '../../kernel/ref.ts'
import type { ActorIndex, ActorRef, Effects, Send, Turn } from '../../kernel/types.ts'
import type { EndedCall } from '../../thread/protocol/calls.ts'
import { awaitActor } from '../../work/actor-wait.ts'
import type { AwaitedRun } from './phase-calls.ts'

/** The run that a suspended phase waits for, as it is stored. */
export type ParkedRun = Pick<AwaitedRun, 'run' | 'entry' | 'calls'>

/** Starts the run, and waits for its reply. The index names the run, so lists and `why` see the wait. */
export function awaitRun(
  { run, entry, calls, start }: AwaitedRun,
  self: ActorRef,
): { readonly parked: ParkedRun; readonly index: ActorIndex; readonly send: readonly Send[] } {
  const to = runRef(run)
  return {
    parked: { run, entry, calls },
    index: { status: 'waiting', waits: nameOf(to) },
    // work of its own, so that it can be cancelled and followed as a run
    send: start === undefined ? [] : [{ to, body: start, correlationId: run, replyTo: self }],
  }
}

export const isFromRun = ({ run }: ParkedRun, { message: { from } }: Pick<Effects, 'message'>): boolean =>
  from?.kind === KIND.run && from.key === run

export const cancelRun = ({ run }: ParkedRun, reason: string): Pick<Turn, 'cancel'> => ({
  cancel: [{ of: runRef(run), correlationId: run, reason }],
})

/** The ends of the calls of a run that could not begin, as the memo has them. */
export function failedEnds({ calls }: ParkedRun, { code, message }: Problem): Json {
  const end: EndedCall = { status: 'failed', result: `${code}: ${message}` }
  return Array<EndedCall>(calls).fill(end) as Json
}

/** Why a question waits for a person: a call of its run has to be approved. */
export const personProblem = ({ run }: ParkedRun, title: string): Problem => problemOf(awaitActor(runRef(run), title))
