import { readFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { LineCounter, parseDocument } from 'yaml'
import { InvalidError } from '../errors.ts'
import type { Json } from '../kernel/schema.ts'
import { existingFile } from './options.ts'

const MOST = 10 * 1024 * 1024

/** What `-i` and `--inputs` give: what a file holds, and over it what was given one by one. */
export async function givenInputs(
  { input = {}, inputs }: { readonly input?: { readonly [name: string]: string }; readonly inputs?: string },
  folder: string,
): Promise<{ readonly [name: string]: Json }> {
  return { ...(inputs !== undefined && (await readInputs(inputs, folder))), ...input }
}

/** The inputs that a file holds as a map, in YAML or in JSON, which is YAML too; InvalidError with the place when it holds something else. */
async function readInputs(path: string, folder: string): Promise<{ readonly [name: string]: Json }> {
  const file = existingFile(path, folder)
  const text = await readFile(file, 'utf8')
  const shown = relative(folder, file)
  if (text.length > MOST) throw new InvalidError(`${shown} is larger than ${MOST / 1024 / 1024} MB.`)
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const [error] = document.errors
  if (error) {
    const { line, col: column } = lines.linePos(error.pos[0])
    throw new InvalidError(`The inputs are no YAML: ${error.message}`, { place: { file: shown, line, column } })
  }
  const value: unknown = document.toJS({ maxAliasCount: 100 })
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as { [name: string]: Json }
  throw new InvalidError(`${shown} holds no map of inputs.`, { hint: 'Write a line `name: value` for each input.' })
}
