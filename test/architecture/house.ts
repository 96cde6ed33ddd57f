import { isAmong, isPackaged, partOf } from './check.ts'
import { FLOORS, FOR_ALL } from './rules.ts'
import type { Source } from './source.ts'

/** The imports of one folder of src/ from another, as `file imports file`. */
export type Arrow = { readonly from: string; readonly to: string; readonly imports: readonly string[] }

/** What the imports of all files look like when each folder of src/ is one thing. */
export type House = {
  readonly arrows: readonly Arrow[]
  /** folders that import each other: of each pair, the arrow with fewer imports */
  readonly pairs: readonly Arrow[]
  /** arrows to a higher floor */
  readonly up: readonly Arrow[]
}

/** Reads how the folders of src/ import each other. The leaves that all may import do not count. */
export function readHouse(sources: readonly Source[], floors = FLOORS): House {
  const found = new Map<string, { from: string; to: string; imports: string[] }>()
  for (const { path, imports } of sources)
    for (const { isOwn, target } of imports) {
      const [from, to] = [folderOf(path), folderOf(target)]
      if (!isOwn || !/^(?:src|packages)\//.test(target) || from === to || isAmong(FOR_ALL, target)) continue
      const arrow = found.get(`${from} ${to}`) ?? { from, to, imports: [] }
      found.set(`${from} ${to}`, arrow)
      arrow.imports.push(`${path} imports ${target}`)
    }
  const arrows = [...found.values()]
  const pairs = arrows.filter((arrow) => {
    const back = found.get(`${arrow.to} ${arrow.from}`)
    if (!back) return false
    const more = back.imports.length - arrow.imports.length
    return more > 0 || (more === 0 && arrow.from < arrow.to)
  })
  const floorOf = floorIn(sources, floors)
  return { arrows, pairs, up: arrows.filter(({ from, to }) => floorOf(to) > floorOf(from)) }
}

/** Folders that are on no floor. */
export function homeless(sources: readonly Pick<Source, 'path'>[]): string[] {
  const leaves = FOR_ALL.map(folderOf)
  const folders = new Set(sources.map(({ path }) => folderOf(path)))
  const floorOf = floorIn(sources)
  return [...folders].filter((folder) => floorOf(folder) < 0 && !leaves.includes(folder))
}

/** A folder of src/ or a file in it, or a package. */
const folderOf = (path: string): string =>
  isPackaged(path) ? partOf(path) : (path.split('/')[1] ?? '').replace(/\.[jt]s$/, '')

/**
 * The number of a folder's floor; -1: it is on none. A room that is named on no floor stands with the lowest rooms, and a
 * package above all folders.
 */
function floorIn(sources: readonly Pick<Source, 'path'>[], floors = FLOORS): (folder: string) => number {
  const rooms = new Set(sources.filter(({ path }) => path.endsWith('/room.ts')).map(({ path }) => folderOf(path)))
  const numberOf = (name: string) => floors.findIndex((floor) => floor.includes(name))
  return (folder) => {
    if (isPackaged(folder)) return floors.length
    return numberOf(folder) < 0 && rooms.has(folder) ? numberOf('room') : numberOf(folder)
  }
}
