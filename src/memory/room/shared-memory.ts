import { basename } from 'node:path'
import { unlessMissing } from '../../errors.ts'
import { present } from '../../lib/json/present.ts'
import type { Memory, RecordSearch } from '../memory.ts'
import type { MemoryRecord } from '../record.ts'
import { isWithin } from '../space.ts'

/** Searches of the operator's memory in the spaces that an agent may read. Nothing is written there. */
export function sharedMemory(operator: () => Memory, spaces: readonly string[] = []) {
  return {
    /** The records of each space that a search reaches, the best first. */
    search({ space: asked = '', ...query }: RecordSearch): Promise<readonly (readonly SharedRecord[])[]> {
      const within = spaces.flatMap((space) => {
        if (asked === '' || isWithin(space, asked)) return [{ from: space, space }]
        return isWithin(asked, space) ? [{ from: space, space: asked }] : []
      })
      const searchIn = async ({ from, space }: { readonly from: string; readonly space: string }) =>
        (await operator().search({ ...query, space })).records.map((record) => sharedRecord(record, from))
      return Promise.all(within.map(searchIn))
    },
    /** A record of these spaces; undefined: there is none. */
    async get(id: string) {
      const found = spaces.length === 0 ? undefined : await operator().get(id).catch(unlessMissing)
      const from = found && spaces.find((space) => isWithin(found.space, space))
      if (!found || from === undefined) return undefined
      const history = found.history.filter(({ space }) => isWithin(space, from))
      return { ...sharedRecord(found, from), history: history.map((one) => sharedRecord(one, from)) }
    },
  }
}

type SharedRecord = ReturnType<typeof sharedRecord>

/** A record of the operator as a tool shows it: its document has a name, and no path. Pure. */
function sharedRecord(record: MemoryRecord, from: string) {
  const { source, data: _, ...fields } = record
  const plain = source.type === 'file' ? fields : record
  return shown({ ...plain, source: { type: source.type, ...documentOf(source) } }, from)
}

/** A record as a tool shows it, always with its source. `from`: `owner`, or a space of shared knowledge. Pure. */
export function shown(
  { id, text, space, kind, subject, data, source: written, learnedAt, validFrom, validTo }: MemoryRecord,
  from: string,
) {
  const { madeOf: _, ...source } = written
  return {
    id,
    from,
    text,
    space,
    kind,
    ...present({ subject, data }),
    source,
    learned_at: learnedAt,
    ...present({ valid_from: validFrom, valid_to: validTo }),
  }
}

/** The name of the document that a record is from. Pure. */
export function documentOf({ type, ref, at }: MemoryRecord['source']): { readonly ref?: string; readonly at?: string } {
  if (ref === undefined) return {}
  return { ref: type === 'file' ? basename(ref) : ref, ...(at !== undefined && { at }) }
}

/** The first items of lists, one of each in turn. Pure. */
export function inTurns<Item>(lists: readonly (readonly Item[])[], limit: number): readonly Item[] {
  const longest = Math.max(0, ...lists.map((list) => list.length))
  const all = Array.from({ length: longest }, (_, place) => lists.flatMap((list) => list.slice(place, place + 1)))
  return all.flat().slice(0, limit)
}
