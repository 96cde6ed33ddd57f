import type { ThreadMessage } from '../../runtime/ports/threads.ts'

/** What comes before a page: the number of a message, or a time. */
export type Before = number | Date

type Read = (page: { readonly after: number; readonly limit: number }) => Promise<readonly ThreadMessage[]>

/** The last messages before that, in order, of a thread whose numbers go up to `last`; it is read backwards, only as far as is needed. */
export async function lastMessages(
  read: Read,
  last: number,
  { limit, before = last + 1 }: { readonly limit: number; readonly before?: Before },
): Promise<readonly ThreadMessage[]> {
  let found: readonly ThreadMessage[] = []
  let end = typeof before === 'number' ? Math.min(last, before - 1) : last
  while (end > 0 && found.length < limit) {
    const after = Math.max(0, end - limit)
    const page = await read({ after, limit: end - after })
    // numbers have gaps where there was no answer, so a page may reach beyond its end
    const upTo = end
    found = [...page.filter((message) => message.n <= upTo && isBefore(message, before)), ...found]
    end = after
  }
  return found.slice(-limit)
}

/** One whose time is not known is older than all that have one. */
const isBefore = ({ at = 0, n }: ThreadMessage, before: Before) =>
  typeof before === 'number' ? n < before : at < before.getTime()
