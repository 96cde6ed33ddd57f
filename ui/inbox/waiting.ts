import type { InboxItem } from '../../src/client.ts'
import { href, type Query, route } from '../lib/router.ts'
import { client } from '../lib/server.ts'

/** The first items that wait for a person; `cut`: with the begin of their contents, and whom they are for. */
export async function firstWaiting(count: number, content?: 'cut'): Promise<readonly InboxItem[]> {
  const found: InboxItem[] = []
  for await (const item of client.each('inbox', { limit: count, ...(!content && { content: 'none' }) })) {
    if (item.expects.type !== 'nothing') found.push(item)
    if (found.length === count) break
  }
  return found
}

/** The items, each with its whole content: nobody approves what is not shown, and the server refuses it. */
export async function wholeItems(items: readonly InboxItem[]): Promise<readonly InboxItem[]> {
  const runs = items.flatMap((item) => ('run' in item && item.length !== undefined ? [item.run] : []))
  const ofRuns = await Promise.all([...new Set(runs)].map((run) => client.inbox.list({ run, content: 'whole' })))
  const whole = new Map(ofRuns.flat().map((item) => [nameOf(item), item]))
  return items.map((item) => ('run' in item && whole.get(nameOf(item))) || item)
}

/** The filters of the list, which the server knows. */
export const FILTERS = ['agent', 'tool', 'owner'] as const

/** The filters of the address. */
export function filtersOf(query: URLSearchParams): { readonly [Filter in (typeof FILTERS)[number]]?: string } {
  return Object.fromEntries(FILTERS.flatMap((name) => (query.get(name) ? [[name, query.get(name)!]] : [])))
}

/** What an item is in a list: a form belongs to one question, and goes with it. */
export const keyOf = (item: InboxItem): string =>
  JSON.stringify(
    'run' in item
      ? [item.run, item.step, item.signal, item.digest]
      : [item.kind, 'ask' in item ? item.ask : 'goal' in item ? item.goal : item.record, item.since],
  )

/** What names an item in the address of the inbox. */
function namesOf(item: InboxItem): Query {
  if ('run' in item) return { run: item.run, step: item.step }
  if (item.kind === 'goal') return { goal: item.goal }
  return item.kind === 'fact' ? { record: item.record } : { thread: item.thread, kind: item.kind }
}

/** What the filters know of an item. */
export const valuesOf = (item: InboxItem): { readonly [Filter in (typeof FILTERS)[number]]: string | undefined } => ({
  agent: 'agent' in item ? item.agent : undefined,
  tool: 'tool' in item ? item.tool : undefined,
  owner: item.owner,
})

/** The inbox with the filters that are chosen there. */
export function inboxAddress(named: Query = {}): string {
  const { path, query } = route.value
  return href(['inbox'], path[0] === 'inbox' ? { ...filtersOf(query), text: query.get('text') ?? '', ...named } : named)
}

/** The address of an item in the inbox, where it stands beside its conversation. */
export const placeOf = (item: InboxItem): string => inboxAddress(namesOf(item))

/** Whether the address names something in the inbox. */
export const isAnyOpen = (): boolean => ['run', 'goal', 'thread', 'record'].some((name) => route.value.query.has(name))

/** Whether the address names this item. */
export const isOpen = (item: InboxItem): boolean =>
  Object.entries(namesOf(item)).every(([name, value]) => route.value.query.get(name) === value)

/** The items that the address may name, with their whole contents: a list may not have come to them. */
export async function openedItems(): Promise<readonly InboxItem[]> {
  const [run, goal, thread] = ['run', 'goal', 'thread'].map((name) => route.peek().query.get(name) ?? undefined)
  const of = run ? { run } : goal ? { goal } : thread ? { thread } : undefined
  return of ? client.inbox.list({ ...of, content: 'whole' }) : []
}

/** The conversation in which an item waits, by its name in full; undefined: there is none, or the goal knows it. */
export function threadOf(item: InboxItem): string | undefined {
  if ('thread' in item) return item.thread
  return 'conversation' in item && item.conversation !== undefined ? `${item.owner}:${item.conversation}` : undefined
}

const nameOf = (item: InboxItem) => ('run' in item ? `${item.run} ${item.step} ${item.signal}` : '')
