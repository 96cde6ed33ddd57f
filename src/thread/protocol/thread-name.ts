import { LOCAL_OWNER } from '../../lib/owner.ts'

/** A thread by the name that its owner uses, and the owner. */
export type ThreadName = { readonly owner: string; readonly name: string }
/** The key of a thread, and its owner if it exists. */
type Found = { readonly key: string; readonly holder?: string }

/** The name in full: threads of the local user have short names such as `main`, others are `bob:main`. */
export function readThreadName(written: string, owner: string): ThreadName {
  const cut = written.indexOf(':')
  return cut < 0 ? { owner, name: written } : { owner: written.slice(0, cut), name: written.slice(cut + 1) }
}

/** The name of a thread for callers who are not its owner. */
export const fullName = ({ owner, name }: ThreadName): string => `${owner}:${name}`

/** The thread with that key, by the name that its owner uses. */
export function nameIn(key: string, owner: string): string {
  const before = fullName({ owner, name: '' })
  return owner !== LOCAL_OWNER && key.startsWith(before) ? key.slice(before.length) : key
}

/** Local threads have short names, others full ones. A program may create another owner's under a short name. */
export async function findThread(
  thread: ThreadName,
  ownerOfThread: (key: string) => Promise<string | undefined>,
): Promise<Found> {
  const { owner, name } = thread
  const key = owner === LOCAL_OWNER ? name : fullName(thread)
  const holder = await ownerOfThread(key)
  if (holder !== undefined) return { key, holder }
  return owner !== LOCAL_OWNER && (await ownerOfThread(name)) === owner ? { key: name, holder: owner } : { key }
}
