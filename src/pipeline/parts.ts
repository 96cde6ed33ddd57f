import type { Json } from '../kernel/schema.ts'
import type { Effects } from '../kernel/types.ts'

/** Parts of a run by name. */
export type Parts = { readonly [name: string]: Json | undefined }

/** Nothing yet, by names that differ from run to run: an object made as usual learns each of them as if it were of a kind of its own. */
export const byName = <T>(): { [name: string]: T } => Object.create(null)

/** The parts of a run within one turn: what was stored, and over it what this turn writes. */
export type PartReader = {
  read(names: readonly string[]): Promise<Parts>
  write(parts: { readonly [name: string]: Json | null }): void
  readonly written: { [name: string]: Json | null }
}

/** The parts as of now, of which this turn writes some at first; each is read from the engine at most once. */
export function openParts({ part }: Pick<Effects, 'part'>, first: { readonly [name: string]: Json } = {}): PartReader {
  const written = Object.assign(byName<Json | null>(), first)
  const known = byName<Json | undefined>()
  return {
    async read(names) {
      const found = byName<Json | undefined>()
      for (const name of names) {
        const own = written[name]
        if (own === undefined && !(name in known)) known[name] = await part(name)
        found[name] = own === undefined ? known[name] : (own ?? undefined)
      }
      return found
    },
    // one by one: of dictionaries that takes half as long as Object.assign
    write(parts) {
      for (const name of Object.keys(parts)) written[name] = parts[name]!
    },
    written,
  }
}
