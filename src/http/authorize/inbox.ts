import { unlessMissing } from '../../errors.ts'
import { type Page, pageOf } from '../../house/common-fields.ts'
import type { Method } from '../../house/guard.ts'
import { listSeen, narrowed } from '../../house/list-seen.ts'
import { allows, type KeyScope, scopeMissing } from '../../house/scope.ts'
import { cursorOfItem, type InboxPort, type InboxQuery, isFact, isGoal, isStep } from '../../inbox/room/port.ts'
import type { Json } from '../../kernel/json.ts'
import { clip } from '../../lib/clip.ts'
import { toRef } from '../../lib/media/file-ref.ts'
import { isCallSignal } from '../../step/messages/call-decision.ts'
import { isGate } from '../../step/messages/call-names.ts'
import { ASKING_TOOLS } from '../../step/messages/inbox-prompt.ts'
import { fullName } from '../../thread/protocol/thread-name.ts'
import type { InboxItem } from '../../thread/room/documents/inbox.ts'
import { lastWritten } from '../../thread/room/records.ts'
import { scopeAwaited } from '../../work/wait.ts'
import type { Caller } from './caller.ts'
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

export function scopedInbox(viewer: RuntimeViewer): ScopedInbox {
  const { runtime, caller, seen, nameOfThread, findThread, findAsk } = viewer
  const { inbox } = runtime
  const listed = (query: InboxQuery) => listSeen(narrowed(seen, query), query, inbox.list, { cursor: cursorOfItem })

  /** The items that the caller sees: all with the scope `read`, otherwise those that it may answer. */
  async function listShown({
    limit,
    ...query
  }: InboxQuery & { readonly limit: number }): Promise<readonly InboxItem[]> {
    if (allows(caller.scopes, 'read')) return listed({ ...query, limit })
    const shown: InboxItem[] = []
    const many = Math.max(limit, READ_AT_ONCE)
    for (let place = query; ; ) {
      const found = await listed({ ...place, limit: many })
      shown.push(...found.filter((item) => allows(caller.scopes, scopeToAnswer(item, caller))))
      if (found.length < many || shown.length >= limit) return upTo(shown, limit)
      place = { ...place, after: cursorOfItem(found.at(-1)!) }
    }
  }

  return {
    async list(query) {
      const thread = query.thread === undefined ? {} : { thread: (await findThread(query.thread)).key }
      const { items, ...more } = pageOf(await listShown({ ...query, ...thread }), query.limit, cursorOfItem)
      const shown = items.map((item) => withoutContext({ caller }, shownItem(item, { nameOfThread })))
      const isRead = allows(caller.scopes, 'read') && query.content !== 'none'
      return { items: isRead ? await withLastMessages(shown, viewer) : shown, ...more }
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

/** Characters of what a customer wrote, as an item has it. */
const MAX_LAST_MESSAGE = 500
/** The files that came with it, as an item has them. */
const MAX_LAST_FILES = 10

/** Items with what their customers wrote last. Each conversation is read once. */
function withLastMessages(
  items: readonly InboxItem[],
  { runtime, findThread }: Pick<RuntimeViewer, 'runtime' | 'findThread'>,
): Promise<readonly InboxItem[]> {
  const read = new Map<string, Promise<Awaited<ReturnType<typeof lastWritten>> | undefined>>()
  const lastOn = async (thread: string) => lastWritten(runtime.engine, (await findThread(thread)).key)
  const withLast = async (item: InboxItem) => {
    if (!isStep(item) || item.conversation === undefined) return item
    const thread = fullName({ owner: item.owner, name: item.conversation })
    if (!read.has(thread)) read.set(thread, lastOn(thread).catch(unlessMissing))
    const { text, files = [] } = (await read.get(thread)) ?? {}
    const others = files
      .filter(({ file }) => !item.files?.some((one) => one.file === file))
      .slice(-MAX_LAST_FILES)
      .map(toRef)
    return {
      ...item,
      ...(text !== undefined && { lastMessage: clip(text, MAX_LAST_MESSAGE) }),
      ...(others.length > 0 && { lastFiles: others }),
    }
  }
  return Promise.all(items.map(withLast))
}

/** Items of one reading, among which those are looked for that a caller may answer. */
const READ_AT_ONCE = 100

/** The scope that answers an item. `read`: nobody with another scope can answer it, or it continues by itself. */
function scopeToAnswer(item: InboxItem, { visitor }: Pick<Caller, 'visitor'>): KeyScope {
  const { kind, expects } = item
  if (expects.type === 'nothing') return 'read'
  if (expects.type === 'money' || kind === 'fact') {
    // a handler for visitors has no routes for budgets and facts
    if (visitor) return 'read'
    return kind === 'fact' ? 'memory' : isOfOwner(item) ? 'admin' : 'run'
  }
  if (kind === 'decision' || kind === 'consent') return 'ask'
  if ('url' in item && item.url) return 'admin'
  return kind === 'goal' || kind === 'signal' ? 'run' : 'approve'
}

/** Whether an item waits for the budget of an owner, which only an admin raises. */
const isOfOwner = (item: InboxItem) => 'signal' in item && scopeAwaited(item.signal ?? '')?.startsWith('owner') === true

/** The first items up to the limit. Those with one position stay together, as a page goes on behind a position. */
function upTo(items: readonly InboxItem[], limit: number): readonly InboxItem[] {
  const last = items[limit - 1]
  return items.filter((item, at) => at < limit || (last !== undefined && cursorOfItem(item) === cursorOfItem(last)))
}

/**
 * `runs.signal` as a caller may use it. A signal that answers a question to a person needs the scope `approve`, every
 * other one needs `run`, and one that a machine sends needs `admin`. The run itself refuses an answer that was sent
 * without `approve` or `admin`, also one that it has kept.
 */
export function scopedSignal({ runtime, caller }: RuntimeViewer): Method {
  const { runs, inbox } = runtime
  const [mayRun, mayAnswer] = [allows(caller.scopes, 'run'), allows(caller.scopes, 'approve')]

  return async (given, named, value, options = {}) => {
    const [run, name, others] = [given as string, named as string, options as { readonly id?: string }]
    const more = allows(caller.scopes, 'admin') ? others : ({ ...others, machine: false } as const)
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
