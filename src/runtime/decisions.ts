import type { Decision, LoopTarget } from '../chain/decide.ts'
import { decisionOn } from '../chain/listed.ts'
import { numberPart } from '../chain/parts.ts'
import { notWaiting } from '../chain/step.ts'
import type { Engine, Query, View } from '../engine/engine.ts'
import { is, NotFoundError } from '../errors.ts'
import { readPart } from '../pipeline/values.ts'
import type { Runtime } from '../runtime.ts'
import type { Activity } from './activity.ts'
import { chainRef, type Threads } from './threads.ts'

/** How a question goes on that waits for a decision: as is proposed, with its answer, or round again. */
export type AskDecision = {
  readonly decision: 'accept' | 'yield' | 'loop'
  /** of a loop: where it begins; absent: as is proposed, else with Action */
  readonly target?: LoopTarget
  /** of a loop: what it is to find out; absent: as is proposed, else the gaps that were found */
  readonly prompt?: string
}
/** What was decided, and on which thread. */
export type Decided = Decision & { readonly thread: string }

type Parts = { readonly engine: Engine; readonly activity: Activity; readonly threads: Threads }

/** What a runtime does with questions that wait for a decision. */
export function runtimeDecisions({ engine, activity, threads }: Parts): Pick<Runtime, 'decideAsk' | 'threadOfAsk'> {
  const threadOfAsk = (ask: string) => findThread(engine.view, ask)

  return {
    threadOfAsk,
    async decideAsk(ask, decision, { id } = {}) {
      const thread = await threadOfAsk(ask)
      if (thread === undefined) throw noAsk(ask)
      await threads.takeUp(thread)
      const options = { correlationId: ask, ...(id !== undefined && { id }) }
      const asked = engine.ask(chainRef(thread), { type: 'decide', ...decision }, options)
      const decided = await asked.catch((error: unknown) => throwCalledOff(error, ask))
      activity.track(ask, threads.untilResting(thread, ask))
      return { thread, ...(decided as Decision) }
    },
  }
}

/** What belongs to work that was called off is taken by nobody. */
function throwCalledOff(error: unknown, ask: string): never {
  throw is(error) && error.code === 'cancelled' ? notWaiting(ask) : error
}

/** There is no question of that id. */
export function noAsk(ask: string): NotFoundError {
  return new NotFoundError(`there is no ask ${ask}`)
}

/** Threads that are looked through for a question that waits for no decision: those that wait for people, and those that were last used. */
const MOST = 1000
const LOOKED_THROUGH: readonly Query[] = [
  { where: { inbox: 1 }, sort: 'since', limit: MOST },
  { sort: 'updatedAt', descending: true, limit: MOST },
]

/** The thread of a question: found at once when it waits for a decision, else among those that wait for people, and those that were used last. */
async function findThread(view: View, ask: string): Promise<string | undefined> {
  const [waiting] = await view.list('chain', { where: { inbox: 1, waits: decisionOn(ask) }, limit: 1 })
  if (waiting) return waiting.key
  for (const query of LOOKED_THROUGH)
    for (const { key } of await view.list('chain', query))
      if ((await readPart(view.parts, chainRef(key), numberPart(ask))) !== undefined) return key
  return undefined
}
