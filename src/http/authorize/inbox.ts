import { type Page, pageOf } from '../../house/common-fields.ts'
import { listSeen } from '../../house/list-seen.ts'
import { cursorOfItem, type InboxPort, type InboxQuery, isFact, isGoal, isStep } from '../../runtime/ports/inbox.ts'
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
