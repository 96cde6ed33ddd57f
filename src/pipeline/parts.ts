import type { Json } from '../kernel/schema.ts'
import type { Effects } from '../kernel/types.ts'

/** Parts of a run by name. */
export type Parts = { readonly [name: string]: Json | undefined }

/** The parts of a run within one turn: what was stored, and over it what this turn writes. */
export type PartReader = {
  read(names: readonly string[]): Promise<Parts>
  write(parts: { readonly [name: string]: Json | null }): void
  readonly written: { [name: string]: Json | null }
}

/** The parts as of now; each is read from the engine at most once. */
export function openParts({ part }: Pick<Effects, 'part'>, written: { [name: string]: Json | null }): PartReader {
  const known = new Map<string, Json | undefined>()
  return {
    async read(names) {
      const found: { [name: string]: Json | undefined } = {}
      for (const name of names) {
        const own = written[name]
        if (own === undefined && !known.has(name)) known.set(name, await part(name))
        found[name] = own === undefined ? known.get(name) : (own ?? undefined)
      }
      return found
    },
    write: (parts) => void Object.assign(written, parts),
    written,
  }
}
