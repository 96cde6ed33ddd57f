import { isAbsolute, relative, resolve, sep } from 'node:path'
import { InvalidError } from '../errors.ts'

/** The folders under `writes:`, absolute. InvalidError for one outside of all roots: no call could write there. */
export function writableFolders(
  writes: readonly string[],
  roots: readonly string[],
  { file, folder }: { readonly file: string | undefined; readonly folder: string },
): readonly string[] {
  return writes.map((path, index) => {
    const whole = resolve(folder, path)
    if (roots.some((root) => isInside(root, whole))) return whole
    throw new InvalidError(`\`writes.${index}\`: expected a folder inside the folders under \`roots:\`, got ${path}`, {
      place: { ...(file !== undefined && { file }), path: `writes.${index}` },
      hint: `Tools may touch only ${roots.join(', ') || 'nothing'}. Name the folder under \`roots:\`, too.`,
    })
  })
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path)
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}
