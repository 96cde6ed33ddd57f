import { readlinkSync, realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { attempt } from '../../lib/flow/attempt.ts'
import type { Tool } from '../tool.ts'
import { isBelow } from './guard.ts'

/** The folders in which calls that a model chose may write without a person. `root` is the base of relative paths. */
export type WriteArea = { readonly root: string; readonly writes: readonly string[] }

/** Whether a call would change a path outside the area, with all links followed. */
export function changesOutside(tool: Tool, parameters: unknown, { root, writes }: WriteArea): boolean {
  const paths = tool.changes?.(parameters) ?? []
  if (paths.length === 0) return false
  const open = realFolders({ root, writes })
  return paths.some((path) => {
    const real = realPathNow(resolve(root, path))
    return real === undefined || !open.some((folder) => isBelow(folder, real))
  })
}

/** Whether a real path lies in the area, so that a model may have written it without a person. */
export function isInArea(real: string, area: WriteArea | undefined): boolean {
  return area !== undefined && realFolders(area).some((folder) => isBelow(folder, real))
}

/** The folders of an area, with all links followed. */
function realFolders({ root, writes }: WriteArea): readonly string[] {
  return writes.flatMap((folder) => realPathNow(resolve(root, folder)) ?? [])
}

const MAX_LINKS = 40

/** Follows all links, even dangling ones. Undefined when there are too many, or when a folder cannot be read. */
function realPathNow(path: string, links = MAX_LINKS): string | undefined {
  try {
    return realpathSync(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if ((code !== 'ENOENT' && code !== 'ENOTDIR') || links === 0 || dirname(path) === path) return undefined
    const above = realPathNow(dirname(path), links)
    if (above === undefined) return undefined
    const entry = join(above, basename(path))
    const target = targetOf(entry)
    return target === undefined ? entry : realPathNow(resolve(above, target), links - 1)
  }
}

const targetOf = (entry: string): string | undefined => attempt(() => readlinkSync(entry))
