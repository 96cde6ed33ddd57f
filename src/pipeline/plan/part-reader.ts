import type { Json } from '../../kernel/schema.ts'
import type { Effects } from '../../kernel/types.ts'

/** Parts of a run by name; null: this turn takes it away. */
export type PartsByName = { readonly [name: string]: Json | undefined }

/** Reads the parts of a run within a turn, overlaid with its own writes. Synchronous, unless a part must be awaited. */
type PartReader = (names: readonly string[], written: PartsByName) => PartsByName | Promise<PartsByName>

/** An empty dictionary. Without a prototype V8 does not build a hidden class for each new name. */
export const createDictionary = <T>(): { [name: string]: T } => Object.create(null)

/** Creates a reader that reads each part from the engine at most once and returns all parts read so far. */
export function createPartReader({ part }: Pick<Effects, 'part'>): PartReader {
  const known = createDictionary<Json | undefined>()
  return (names, written) => {
    for (const name of names) if (name in written) known[name] = written[name]
    return names.every((name) => name in known) ? known : readInto(known, names, part)
  }
}

async function readInto(
  known: { [name: string]: Json | undefined },
  names: readonly string[],
  part: Effects['part'],
): Promise<PartsByName> {
  // by number: taken one by one across a wait, a list makes an object per item
  for (let n = 0; n < names.length; n++) {
    const name = names[n]!
    if (!(name in known)) known[name] = await part(name)
  }
  return known
}
