import type { InboxItem } from '../../src/client.ts'
import { client } from '../lib/server.ts'

/** Items of one request. */
const PAGE = 200

/** All items that wait for people, the longest wait first. A long content is cut. */
export async function allWaiting(): Promise<readonly InboxItem[]> {
  const found: InboxItem[] = []
  for await (const item of client.each('inbox', { limit: PAGE })) found.push(item)
  return found
}

/** The items that are meant, wherever they stand in the inbox, with their whole contents. */
export const waitingItems = async (isMeant: (item: InboxItem) => boolean): Promise<readonly InboxItem[]> =>
  wholeItems((await allWaiting()).filter(isMeant))

/** The items, each with its whole content: nobody approves what is not shown, and the server refuses it. */
export async function wholeItems(items: readonly InboxItem[]): Promise<readonly InboxItem[]> {
  const runs = items.flatMap((item) => ('run' in item && item.length !== undefined ? [item.run] : []))
  const ofRuns = await Promise.all([...new Set(runs)].map((run) => client.inbox.list({ run, content: 'whole' })))
  const whole = new Map(ofRuns.flat().map((item) => [nameOf(item), item]))
  return items.map((item) => ('run' in item && whole.get(nameOf(item))) || item)
}

const nameOf = (item: InboxItem) => ('run' in item ? `${item.run} ${item.step} ${item.signal}` : '')
