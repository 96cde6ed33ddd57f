import type { InboxItem, ThreadSummary } from '../../src/client.ts'

/** The key of a thread: threads of the local user have short names. */
const keyOf = ({ id, owner }: Pick<ThreadSummary, 'id' | 'owner'>): string =>
  owner === 'local' || id.startsWith(`${owner}:`) ? id : `${owner}:${id}`

/**
 * The ids of the threads in which some of the items wait. What works for a thread has its key before a dot; the name of
 * another thread may begin alike, so the longest one counts. Pure.
 */
export function heldAmong(
  threads: readonly Pick<ThreadSummary, 'id' | 'owner'>[],
  items: readonly InboxItem[],
): ReadonlySet<string> {
  const ids = new Map(threads.map((thread) => [keyOf(thread), thread.id]))
  const held = new Set<string>()
  for (const item of items) {
    const { owner } = item
    let key =
      'thread' in item
        ? keyOf({ id: item.thread, owner })
        : 'run' in item
          ? item.run
          : item.kind === 'goal'
            ? item.goal
            : ''
    while (key !== '' && !ids.has(key)) key = key.slice(0, Math.max(0, key.lastIndexOf('.')))
    const id = ids.get(key)
    if (id !== undefined && item.expects.type !== 'nothing') held.add(id)
  }
  return held
}
