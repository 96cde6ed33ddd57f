import type { EngineView } from '../../engine/engine.ts'
import { goalRef, KIND, threadRef } from '../../house/actors.ts'
import { readSinglePart } from '../../kernel/parts.ts'
import type { ActorRef } from '../../kernel/types.ts'
import { workPartName } from '../actor/parts.ts'
import { type AskWork, askIdOf, openAsks } from '../protocol/ask-state.ts'
import { PHASES } from '../protocol/phase-types.ts'
import { phaseRef } from '../protocol/refs.ts'
import { threadState } from './records.ts'

/** The answers of threads to reports of other rooms. */

/** The thread with a running ask of this id; `most`: the number of threads with mail that are read. */
export async function findThreadAtWork(view: EngineView, ask: string, most: number): Promise<ActorRef | undefined> {
  const asked = await view.asked(ask)
  if (asked?.kind === KIND.thread) return asked
  for (const { key } of await view.list(KIND.thread, { where: { status: 'running' } })) {
    const state = await threadState(view, key)
    if (state && openAsks(state).some(({ id }) => askIdOf(key, id) === ask)) return threadRef(key)
  }
  // an ask that was acknowledged right before a crash is only a message and has no state yet
  const untaken = await view.inspect({ kind: KIND.thread, limit: most })
  return untaken.find(({ of, mail }) => mail.some(({ correlationId }) => askIdOf(of.key, correlationId) === ask))?.of
}

/** The actors that work on the current ask of a thread: its goal, or phases. */
export async function actorsAtWork(view: Pick<EngineView, 'peek'>, thread: string): Promise<readonly ActorRef[]> {
  const { waiting = [], goal } = (await threadState(view, thread))?.current ?? {}
  return goal ? [goalRef(goal.key)] : waiting.map((phase) => phaseRef(thread, phase))
}

/** The actors whose asks are under way on a thread, or wait there. */
export async function callersOn(
  { peek, parts }: Pick<EngineView, 'peek' | 'parts'>,
  thread: string,
  most: number,
): Promise<readonly ActorRef[]> {
  const state = await threadState({ peek }, thread)
  const { telling = [], joined = [] } = state?.current?.goal ?? {}
  const asks = state ? [...openAsks(state), ...telling, ...joined].slice(0, most) : []
  const works = await Promise.all(asks.map(({ n }) => readSinglePart(parts, threadRef(thread), workPartName(n))))
  return works.flatMap((work) => (work as AskWork | undefined)?.replyTo ?? [])
}

/** The actors that exist only for a thread. */
export const actorsBelow = (thread: string): readonly ActorRef[] => PHASES.map((phase) => phaseRef(thread, phase))
