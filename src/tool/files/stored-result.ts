import { attempt } from '../../lib/flow/attempt.ts'
import { badResult, callOf } from '../bad-result.ts'
import type { ToolContext } from '../tool.ts'

/** Files of one result. */
const MAX_FILES = 20

/** Levels of a result at which files are found. A file that lies deeper is refused, because it is not JSON. */
const MAX_DEPTH = 4

/** Whether a result has a `File` or a `Blob`. */
export function hasFile(value: unknown, depth = MAX_DEPTH): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (value instanceof Blob) return true
  if (depth === 0) return false
  // reading a value runs its code: the check of the result names the part that throws
  return attempt(() => Object.values(value).some((item) => hasFile(item, depth - 1)), false)
}

/** A result in which references stand for its files. Each file is stored for the owner of the run. */
export async function withStoredFiles(
  tool: { readonly name: string },
  result: unknown,
  { files }: Pick<ToolContext, 'files'>,
): Promise<unknown> {
  if (!files) throw badResult(callOf(tool), 'it holds a file, and this call has no store of files')
  let stored = 0
  const replace = async (value: unknown, depth: number): Promise<unknown> => {
    if (typeof value !== 'object' || value === null || depth < 0) return value
    if (value instanceof Blob) {
      if (++stored > MAX_FILES) throw badResult(callOf(tool), `it holds more than ${MAX_FILES} files`)
      const name = value instanceof File && value.name !== '' ? value.name : 'file'
      return files.add(value.stream(), { name })
    }
    if (Array.isArray(value)) {
      const items: unknown[] = []
      for (const item of value) items.push(await replace(item, depth - 1))
      return items
    }
    if (!hasFile(value, depth)) return value
    const fields: [string, unknown][] = []
    for (const [name, item] of Object.entries(value)) fields.push([name, await replace(item, depth - 1)])
    return Object.fromEntries(fields)
  }
  return replace(result, MAX_DEPTH)
}
