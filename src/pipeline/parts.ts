import type { Json } from '../kernel/schema.ts'
import type { Effects } from '../kernel/types.ts'

/** The parts of a run within one turn: what was stored, and over it what this turn writes. */
export type PartReader = {
  read(name: string): Promise<Json | undefined>
  readAll(names: readonly string[]): Promise<{ readonly [name: string]: Json | undefined }>
  write(parts: { readonly [name: string]: Json | null }): void
  readonly written: { [name: string]: Json | null }
}

/** The parts as of now; each is read from the engine at most once. */
export function openParts({ part }: Pick<Effects, 'part'>, written: { [name: string]: Json | null }): PartReader {
  const known = new Map<string, Json | undefined>()
  const read = async (name: string) => {
    const own = written[name]
    if (own !== undefined) return own ?? undefined
    if (!known.has(name)) known.set(name, await part(name))
    return known.get(name)
  }
  return {
    read,
    async readAll(names) {
      const entries: [string, Json | undefined][] = []
      for (const name of names) entries.push([name, await read(name)])
      return Object.fromEntries(entries)
    },
    write: (parts) => void Object.assign(written, parts),
    written,
  }
}
