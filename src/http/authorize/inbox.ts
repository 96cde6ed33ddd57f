import { type Page, pageOf } from '../../house/common-fields.ts'
import type { Method } from '../../house/guard.ts'
import { listSeen } from '../../house/list-seen.ts'
import { allows, scopeMissing } from '../../house/scope.ts'
import { cursorOfItem, type InboxPort, type InboxQuery, isFact, isGoal, isStep } from '../../inbox/room/port.ts'
import type { Json } from '../../kernel/schema.ts'
import { isCallSignal } from '../../pipeline/plan/messages/call-decision.ts'
import { isGate } from '../../pipeline/plan/messages/call-names.ts'
import { ASKING_TOOLS } from '../../pipeline/tools/inbox/inbox-prompt.ts'
import type { InboxItem } from '../../thread/room/documents/inbox.ts'
import type { RuntimeViewer } from './viewer.ts'
import { withoutContext } from './visitors.ts'

/** The inbox as a caller sees it: items of the caller's own runs and threads, page by page. */
export type ScopedInbox = Omit<InboxPort, 'list'> & {
  list(query: InboxQuery & { readonly limit: number }): Promise<Page<InboxItem>>
}

/** An item with the caller's own name for its thread. */
export function shownItem(item: InboxItem, { nameOfThread }: Pick<RuntimeViewer, 'nameOfThread'>): InboxItem {
  if (isStep(item) || isGoal(item) || isFact(item)) return item
  return { ...item, thread: nameOfThread(item.thread, item.owner) }
}

export function scopedInbox({ runtime, caller, seen, nameOfThread, findAsk }: RuntimeViewer): ScopedInbox {
  const { inbox } = runtime

  return {
    async list(query) {
      const listed = await listSeen(seen, query, inbox.list, { cursor: cursorOfItem })
      const { items, ...more } = pageOf(listed, query.limit, cursorOfItem)
      return { items: items.map((item) => withoutContext({ caller }, shownItem(item, { nameOfThread }))), ...more }
    },
    async decide(ask, decision, options = {}) {
      const { thread, owner } = await findAsk(ask, options.thread)
      const decided = await inbox.decide(ask, decision, { ...options, thread })
      return { ...decided, thread: nameOfThread(thread, owner) }
    },
    async consent(ask, answers, options = {}) {
      const { thread } = await findAsk(ask, options.thread)
      return inbox.consent(ask, answers, { thread })
    },
  }
}

/**
 * `runs.signal` as a caller may use it. A signal that answers a question to a person needs the scope `approve`, every
 * other one needs `run`. The run itself refuses an answer that was sent without `approve`, also one that it has kept.
 */
export function scopedSignal({ runtime, caller }: RuntimeViewer): Method {
  const { runs, inbox } = runtime
  const [mayRun, mayAnswer] = [allows(caller.scopes, 'run'), allows(caller.scopes, 'approve')]

  return async (given, named, value, options = {}) => {
    const [run, name, more] = [given as string, named as string, options as { readonly id?: string }]
    if (mayRun && mayAnswer) return runs.signal(run, name, value as Json, more)
    const isAnswer = isCallSignal(name) || isGate(name) || (await asksPerson(run, name))
    if (isAnswer && !mayAnswer) throw scopeMissing('approve', caller)
    if (!isAnswer && !mayRun) throw scopeMissing('run', caller)
    return runs.signal(run, name, value as Json, mayAnswer ? more : { ...more, answers: false })
  }

  /** Whether a step of the run asks a person, now or later, and takes the answer under that name. */
  async function asksPerson(run: string, name: string): Promise<boolean> {
    const tool = (await runs.get(run)).steps[name]?.tool
    if (tool != null && ASKING_TOOLS.has(tool)) return true
    const items = await inbox.list({ run, limit: MAX_QUESTIONS, content: 'none' })
    return items.some((item) => isStep(item) && item.kind !== 'signal' && item.signal === name)
  }
}

/** The questions of a run that are looked at. */
const MAX_QUESTIONS = 1000
