import { type Stats, statSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { InvalidError } from '../../errors.ts'
import type { RunDocument } from '../../run/document.ts'
import { shortPath } from '../terminal/errors.ts'
import type { Terminal } from '../terminal/terminal.ts'

/**
 * The absolute path of the output file. Throws InvalidError, before anything
 * starts, if it cannot be written or is one of the files in `read`. `example`: how a command names such a file.
 */
export function resolveOutputFile(
  given: string,
  folder: string,
  read: readonly string[] = [],
  example = '-o result.json',
): string {
  const path = resolve(folder, given)
  const there = statSync(path, { throwIfNoEntry: false })
  if (there?.isFile() && read.some((file) => isSame(statSync(file), there)))
    throw new InvalidError(`The run reads ${given}, so it cannot be the output file.`, {
      hint: 'Give the path of another file: -o result.json',
    })
  if (there?.isDirectory())
    throw new InvalidError(`${given} is a folder.`, { hint: `Give the path of a file: ${example}` })
  if (!statSync(dirname(path), { throwIfNoEntry: false })?.isDirectory())
    throw new InvalidError(`The folder of ${given} does not exist.`, { hint: `The file would be ${path}.` })
  return path
}

const isSame = (one: Stats, other: Stats) => one.dev === other.dev && one.ino === other.ino

/** Writes a document as it would be printed, and says where. */
export async function writeDocument(terminal: Terminal, path: string, run: RunDocument): Promise<void> {
  try {
    await writeFile(path, `${JSON.stringify(run, null, 2)}\n`)
  } catch (error) {
    // for an open file the system does not report the path
    throw Object.assign(error as Error, { path })
  }
  terminal.say(`Written to ${shortPath(path, terminal.folder)}`)
}
