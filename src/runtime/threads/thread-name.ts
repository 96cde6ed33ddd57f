import { LOCAL_OWNER } from '../../lib/owner.ts'

/** A thread as its owner calls it, and whose it is. */
export type ThreadName = { readonly owner: string; readonly name: string }
/** Where a thread lies, and whose it is if it has begun. */
export type Found = { readonly key: string; readonly holder?: string }

/** A thread as it is written: its owner calls it `main`, others `bob:main`. */
export function readThreadName(written: string, owner: string): ThreadName {
  const cut = written.indexOf(':')
  return cut < 0 ? { owner, name: written } : { owner: written.slice(0, cut), name: written.slice(cut + 1) }
}

/** A thread as others than its owner call it. */
export function fullName({ owner, name }: ThreadName): string {
  return `${owner}:${name}`
}

/** A thread that lies under that key, as its owner calls it. */
export function nameIn(key: string, owner: string): string {
  const before = fullName({ owner, name: '' })
  return owner !== LOCAL_OWNER && key.startsWith(before) ? key.slice(before.length) : key
}

/** The local user's threads lie under their names, those of others under the full name. A program may have begun one of others under the short name. */
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
