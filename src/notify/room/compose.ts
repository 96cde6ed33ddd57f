import type { Json } from '../../kernel/schema.ts'
import type { InboxItem } from '../../thread/room/documents/inbox.ts'
import type { NoticeState } from '../actor.ts'
import type { NoticeNeeds } from './needs.ts'

/** The link that answers a question, and when it ends (ms since the epoch). */
export type NoticeLink = { readonly url: string; readonly expiresAt: number }

/** Characters of a title or a problem in a message. */
const MAX_TEXT = 2_000

/** The body of a message. Without `content`, it has ids and names only. */
export function composeBody(
  { item, isReminder }: Pick<NoticeState, 'item' | 'isReminder'>,
  link: NoticeLink | undefined,
  content: object | undefined,
  shown: NoticeNeeds['shown'],
): string {
  const { event, since, until, thread, ...facts } = item
  const data = {
    ...facts,
    ...(thread !== undefined && { thread }),
    since: timeOf(since),
    ...(until !== undefined && { until: timeOf(until) }),
    ...(isReminder && { reminder: true }),
    ...(link && { link: { url: link.url, expires: timeOf(link.expiresAt) } }),
    ...content,
  }
  return JSON.stringify({ type: event, timestamp: timeOf(since), data: shown(data) })
}

/** The body of a message that only tries a receiver out. */
export const testBody = (now: number): string =>
  JSON.stringify({ type: 'test', timestamp: timeOf(now), data: { message: 'A test message of antiphon.' } })

/** The fields that `include: content` adds for an item of the inbox. */
export function contentOf(item: InboxItem | undefined): object {
  if (!item) return {}
  const { title } = item
  const content: Json | undefined = 'content' in item ? item.content : undefined
  return { title: title.slice(0, MAX_TEXT), ...(content !== undefined && { content }) }
}

const timeOf = (ms: number): string => new Date(ms).toISOString()
