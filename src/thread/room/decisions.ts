import type { Engine, EngineView } from '../../engine/engine.ts'
import { is, NotFoundError } from '../../errors.ts'
import { KIND, threadRef } from '../../house/actors.ts'
import { callerOf } from '../../house/request-caller.ts'
import { ownerFilter } from '../../lib/owner.ts'
import type { Activity } from '../../work/activity.ts'
import { decisionWait, IN_INBOX } from '../../work/wait.ts'
import { notAwaitingDecision } from '../actor/lifecycle.ts'
import type { CycleDecision } from '../protocol/cycle-decision.ts'
import type { ThreadActors } from './follow-threads.ts'
import type { Consented, SearchedThread, ThreadInbox } from './port.ts'
import { placeOfAsk } from './records.ts'

type Parts = { readonly engine: Engine; readonly activity: Activity; readonly threads: ThreadActors }

/** Decides how waiting asks continue. */
export function threadDecisions({ engine, activity, threads }: Parts): Pick<ThreadInbox, 'decide'> {
  return {
    async decide(ask, decision, { id, by: named, ...where } = {}) {
      const by = callerOf({ by: named })
      const thread = await threadOfAsk(engine.view, ask, where)
      if (thread === undefined) throw noAsk(ask)
      await threads.takeUp(thread)
      const options = { correlationId: ask, ...(id !== undefined && { id }) }
      const asked = engine.ask(threadRef(thread), { type: 'decide', ...decision, ...(by && { by }) }, options)
      const decided = await asked.catch((error: unknown) => throwCalledOff(error, ask))
      activity.track({ kind: 'ask', id: ask }, threads.untilResting(thread, ask))
      return { thread, ...(decided as CycleDecision) }
    },
  }
}

/** Takes the answers of users about messages. */
export function threadConsents(engine: Engine): Pick<ThreadInbox, 'consent'> {
  return {
    async consent(ask, answers, { by: named, ...where } = {}) {
      const by = callerOf({ by: named })
      const thread = await threadOfAsk(engine.view, ask, where)
      if (thread === undefined) throw noAsk(ask)
      const consented = await engine.ask(threadRef(thread), { type: 'consent', answers, ...(by && { by }) })
      return consented as readonly Consented[]
    },
  }
}

/** Rejects decisions about cancelled work. */
function throwCalledOff(error: unknown, ask: string): never {
  throw is(error) && error.code === 'cancelled' ? notAwaitingDecision(ask) : error
}

export const noAsk = (ask: string): NotFoundError => new NotFoundError(`There is no ask ${ask}.`)

/** Maximum threads that are searched for a question that is too old for the index of ids and does not wait. */
const NEWEST = 100

/** Finds the thread of a question: by its id, by its wait, else among the newest threads. */
export async function threadOfAsk(
  view: EngineView,
  ask: string,
  { thread, owner }: SearchedThread = {},
): Promise<string | undefined> {
  const isOn = async (key: string) => (await placeOfAsk(view.parts, key, ask)) !== undefined
  if (thread !== undefined) return (await isOn(thread)) ? thread : undefined
  const asked = await view.asked(ask)
  if (asked?.kind === KIND.thread && (await isOn(asked.key))) return asked.key
  for (const where of [{ waits: decisionWait(ask) }, { consent: ask }]) {
    const [waiting] = await view.list(KIND.thread, { where: { ...IN_INBOX, ...where }, limit: 1 })
    if (waiting) return waiting.key
  }
  const newest = { sort: 'startedAt', descending: true, limit: NEWEST, where: { aside: null, ...ownerFilter(owner) } }
  for (const { key } of await view.list(KIND.thread, newest)) if (await isOn(key)) return key
  return undefined
}
