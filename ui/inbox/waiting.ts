import type { InboxItem } from '../../src/client.ts'
import { client } from '../lib/server.ts'

/** The first items that wait for a person, without their contents. Others wait for what comes by itself. */
export async function firstWaiting(count: number): Promise<readonly InboxItem[]> {
  const found: InboxItem[] = []
  for await (const item of client.each('inbox', { limit: count, content: 'none' })) {
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

/** What an item is in a list: a form belongs to one question, and goes with it. */
export const keyOf = (item: InboxItem): string =>
  JSON.stringify(
    'run' in item
      ? [item.run, item.step, item.signal, item.digest]
      : [item.kind, 'ask' in item ? item.ask : 'goal' in item ? item.goal : item.record, item.since],
  )

const nameOf = (item: InboxItem) => ('run' in item ? `${item.run} ${item.step} ${item.signal}` : '')
