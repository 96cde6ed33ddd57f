import { notAwaitingDecision } from '../../chain/ask/decision.ts'
import type { Engine, EngineView } from '../../engine/engine.ts'
import { is, NotFoundError } from '../../errors.ts'
import { readSinglePart } from '../../kernel/parts.ts'
import { ownerFilter } from '../../lib/owner.ts'
import { numberPartName } from '../../thread/actor/parts.ts'
import type { CycleDecision } from '../../thread/protocol/cycle-decision.ts'
import { threadRef } from '../../thread/protocol/refs.ts'
import { IN_INBOX } from '../../work/inbox.ts'
import { decisionWait } from '../../work/wait.ts'
import type { Activity } from '../activity/activity.ts'
import type { InboxPort } from '../ports/inbox.ts'
import type { ServingPort } from '../ports/serving.ts'
import type { ThreadActors } from './threads.ts'

type Parts = { readonly engine: Engine; readonly activity: Activity; readonly threads: ThreadActors }

export function runtimeDecisions({
  engine,
  activity,
  threads,
}: Parts): Pick<InboxPort, 'decide'> & Pick<ServingPort, 'threadOfAsk'> {
  const threadOfAsk: ServingPort['threadOfAsk'] = (ask, where = {}) => findThread(engine.view, ask, where)

  return {
    threadOfAsk,
    async decide(ask, decision, { id, ...where } = {}) {
      const thread = await threadOfAsk(ask, where)
      if (thread === undefined) throw noAsk(ask)
      await threads.takeUp(thread)
      const options = { correlationId: ask, ...(id !== undefined && { id }) }
      const asked = engine.ask(threadRef(thread), { type: 'decide', ...decision }, options)
      const decided = await asked.catch((error: unknown) => throwCalledOff(error, ask))
      activity.track(ask, threads.untilResting(thread, ask))
      return { thread, ...(decided as CycleDecision) }
    },
  }
}

/** Rejects decisions about cancelled work. */
function throwCalledOff(error: unknown, ask: string): never {
  throw is(error) && error.code === 'cancelled' ? notAwaitingDecision(ask) : error
}

/** The error when no question has that id. */
export function noAsk(ask: string): NotFoundError {
  return new NotFoundError(`There is no ask ${ask}.`)
}

/** Maximum threads that are searched for a question that is too old for the index of ids and does not wait. */
const NEWEST = 100

/** Where a question is searched: on one thread, or, for an old one, on the newest threads of an owner. */
type Where = { readonly thread?: string; readonly owner?: string }

/** Finds the thread of a question: by its id, by its wait, else among the newest threads. */
async function findThread(view: EngineView, ask: string, { thread, owner }: Where): Promise<string | undefined> {
  const isOn = async (key: string) =>
    (await readSinglePart(view.parts, threadRef(key), numberPartName(ask))) !== undefined
  if (thread !== undefined) return (await isOn(thread)) ? thread : undefined
  const asked = await view.asked(ask)
  if (asked?.kind === 'chain' && (await isOn(asked.key))) return asked.key
  for (const where of [{ waits: decisionWait(ask) }, { consent: ask }]) {
    const [waiting] = await view.list('chain', { where: { ...IN_INBOX, ...where }, limit: 1 })
    if (waiting) return waiting.key
  }
  const newest = { sort: 'startedAt', descending: true, limit: NEWEST, where: { aside: null, ...ownerFilter(owner) } }
  for (const { key } of await view.list('chain', newest)) if (await isOn(key)) return key
  return undefined
}
