import type { Engine } from '../engine/engine.ts'
import { NotFoundError } from '../errors.ts'
import { type ListQuery, nameIn } from '../house/paging.ts'
import { callerOf } from '../house/request-caller.ts'
import { present } from '../lib/json/present.ts'
import { ownerField, ownerFilter, ownerOf } from '../lib/owner.ts'
import { nearestWord, orList } from '../lib/suggest.ts'
import { type NamedVersions, type NamedVersionsMessage, versionsRef } from './named-versions.ts'

/** A stored document as a list shows it; times in ms since the epoch. */
export type VersionsSummary = {
  readonly name: string
  readonly owner: string
  readonly hash: string
  readonly createdAt: number
  readonly updatedAt: number
  readonly about?: string
}

/** One version of a stored document, and all of them, the newest last. */
type FoundVersion = Pick<NamedVersions, 'createdAt' | 'versions'> & {
  readonly hash: string
  readonly updatedAt: number
}

/** Documents that owners store under names, with their versions. The documents themselves are values. */
interface VersionShelf {
  /** The hash of the newest version; undefined if there is none. */
  find(name: string, owner: string): Promise<string | undefined>
  /** The newest version, or the one with that hash. NotFoundError when there is none. */
  read(name: string, owner: string, version?: string): Promise<FoundVersion>
  /** Stores a version. False: it is the newest one already. */
  put(name: string, owner: string, hash: string, about?: string): Promise<boolean>
  list(query: ListQuery): Promise<readonly VersionsSummary[]>
  /** Removes all versions. NotFoundError when there is none. */
  remove(name: string, owner: string): Promise<void>
}

/** Opens the documents of a kind; `noun` names one in errors. */
export function openShelf(engine: Pick<Engine, 'view' | 'ask'>, kind: string, noun: string): VersionShelf {
  const { view } = engine
  const peek = async (name: string, owner: string) =>
    (await view.peek(versionsRef(kind, owner, name))) as NamedVersions | null | undefined

  const list: VersionShelf['list'] = async ({ owner, after, limit = 100 }) => {
    const listed = await view.list(kind, { where: ownerFilter(owner), limit, ...nameIn(after) })
    return listed.map(({ index }) => ({ ...index, owner: ownerOf(index) }) as VersionsSummary)
  }

  async function known(name: string, owner: string): Promise<NamedVersions> {
    const stored = await peek(name, owner)
    if (stored) return stored
    const names = (await list({ owner, limit: 200 })).map((one) => one.name)
    const near = nearestWord(name, names)
    const meant = near === undefined ? undefined : `Did you mean \`${near}\`?`
    throw new NotFoundError(`There is no ${noun} ${name}.`, { hint: orList(meant, names, `${noun}s`) })
  }

  return {
    list,
    find: async (name, owner) => (await peek(name, owner))?.versions.at(-1)?.hash,
    async read(name, owner, version) {
      const { versions, createdAt } = await known(name, owner)
      const found = version === undefined ? versions.at(-1) : versions.find(({ hash }) => hash === version)
      if (!found) throw new NotFoundError(`The ${noun} ${name} has no version ${version}.`)
      return { hash: found.hash, createdAt, updatedAt: versions.at(-1)!.at, versions }
    },
    async put(name, owner, hash, about) {
      const put: NamedVersionsMessage = {
        type: 'put',
        hash,
        name,
        ...ownerField(owner),
        ...(about !== undefined && { about }),
        ...present({ by: callerOf() }),
      }
      return (await engine.ask(versionsRef(kind, owner, name), put)) === true
    },
    async remove(name, owner) {
      await known(name, owner)
      await engine.ask(versionsRef(kind, owner, name), { type: 'remove', ...present({ by: callerOf() }) })
    },
  }
}
