import type { Json } from '../../kernel/schema.ts'
import type { Effects } from '../../kernel/types.ts'

/** Parts of a run by name; null: this turn takes it away. */
export type Parts = { readonly [name: string]: Json | undefined }

/** Nothing yet, by names that differ from run to run: an object made as usual learns each of them as if it were of a kind of its own. */
export const byName = <T>(): { [name: string]: T } => Object.create(null)

/** Reads the parts of a run within one turn, over them what that writes: at once, unless one is to be waited for. */
export type PartReader = (names: readonly string[], written: Parts) => Parts | Promise<Parts>

/** What was read before comes along; each part is read from the engine at most once. */
export function partReader({ part }: Pick<Effects, 'part'>): PartReader {
  const known = byName<Json | undefined>()
  return (names, written) => {
    for (const name of names) if (name in written) known[name] = written[name]
    return names.every((name) => name in known) ? known : readInto(known, names, part)
  }
}

async function readInto(
  known: { [name: string]: Json | undefined },
  names: readonly string[],
  part: Effects['part'],
): Promise<Parts> {
  // by number: taken one by one across a wait, a list makes an object per item
  for (let n = 0; n < names.length; n++) {
    const name = names[n]!
    if (!(name in known)) known[name] = await part(name)
  }
  return known
}
