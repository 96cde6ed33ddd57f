import { isAbsolute, relative, resolve, sep } from 'node:path'
import { InvalidError, type ToolContext } from 'antiphon'
import { z } from 'zod'

/** The audited folder, as the tools take it. */
export const folder = z.string().min(1).describe('folder whose installed packages are audited')

/** A package below the audited folder, as the tools take it. */
export const packagePath = z.string().min(1).describe('path of the package below the folder')

/** The absolute path of a file or folder given relative to the root; an InvalidError when it may not be touched. */
export function locate(path: string, { root, roots }: Pick<ToolContext, 'root' | 'roots'>): string {
  const absolute = resolve(root, path)
  if (roots.some((allowed) => isWithin(absolute, resolve(root, allowed)))) return absolute
  throw new InvalidError(`${path} lies outside the folders this run may touch`, {
    hint: `allowed: ${roots.join(', ')}`,
  })
}

/** The absolute path of a package below the audited folder; an InvalidError when it leaves the folder. */
export function locatePackage(input: { readonly folder: string; readonly path: string }, context: ToolContext): string {
  const base = locate(input.folder, context)
  const absolute = resolve(base, input.path)
  if (isWithin(absolute, base)) return absolute
  throw new InvalidError(`${input.path} lies outside ${input.folder}`)
}

/** A path as the audit shows it: with forward slashes on every system. */
export function shown(path: string): string {
  return sep === '/' ? path : path.replaceAll(sep, '/')
}

function isWithin(path: string, base: string): boolean {
  const way = relative(base, path)
  return way === '' || (!isAbsolute(way) && way !== '..' && !way.startsWith(`..${sep}`))
}
