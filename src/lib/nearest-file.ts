import { lstatSync, readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { attempt } from './flow/attempt.ts'
import { nearestWord } from './suggest.ts'
import { withoutHidden } from './unseen.ts'

/** The path in the same form, with the closest name in its folder; undefined: none is close, or it cannot be read. */
export function nearestFile(path: string, absolute: string = path): string | undefined {
  const names = namesIn(dirname(absolute))
  const wanted = basename(absolute)
  // a name without its extension, or with another one, is the most common mistake
  const stem = stemOf(wanted)
  const near = names.find((name) => name !== wanted && stemOf(name) === stem) ?? nearestWord(wanted, names)
  return near === undefined ? undefined : join(dirname(path), near)
}

const stemOf = (name: string) => name.replace(/\.[a-z]{1,5}$/i, '').toLowerCase()

/**
 * An absolute path as it is on the disk: names may be written in another Unicode form there, or with marks that no
 * reader sees. A path that exists, or that no single name fits, stays as it is.
 */
export function pathOnDisk(path: string): string {
  if (lstatSync(path, { throwIfNoEntry: false }) || dirname(path) === path) return path
  const folder = pathOnDisk(dirname(path))
  const wanted = withoutHidden(basename(path))
  const [name, another] = namesIn(folder).filter((one) => withoutHidden(one) === wanted)
  return name === undefined || another !== undefined ? path : join(folder, name)
}

/** The names in a folder; none if it cannot be read. */
export const namesIn = (folder: string): readonly string[] => attempt(() => readdirSync(folder), [])
