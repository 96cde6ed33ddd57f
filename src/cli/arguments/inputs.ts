import { readFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { type Document, isMap, isScalar } from 'yaml'
import { findProjectFolder } from '../../config/config.ts'
import { InvalidError } from '../../errors.ts'
import { isJsonObject, type Json, parseExact } from '../../kernel/json.ts'
import { decodeText, isDecoded } from '../../lib/encoding/encoding.ts'
import { formatSize } from '../../lib/text/format-size.ts'
import { bundlePipeline } from '../../pipeline/language/source/bundle.ts'
import type { WhichPipeline } from '../../run/room/port.ts'
import { isBounded, readBoundedYaml } from '../../yaml/read.ts'
import { shortPath } from '../terminal/errors.ts'
import { existingFile } from './options.ts'

const MAX_INPUT_CHARACTERS = 10 * 1024 * 1024

/** The inputs of `--inputs`, overridden by `-i`. */
export async function readInputOptions(
  { input = {}, inputs }: { readonly input?: { readonly [name: string]: string }; readonly inputs?: string },
  folder: string,
): Promise<{ readonly [name: string]: Json }> {
  return { ...(inputs !== undefined && (await readInputs(inputs, folder))), ...input }
}

/** The inputs in a file, as a YAML or JSON map (JSON is YAML, too). InvalidError with the place for other content. */
async function readInputs(path: string, folder: string): Promise<{ readonly [name: string]: Json }> {
  const file = existingFile(path, folder)
  const shown = relative(folder, file)
  const read = decodeText(await readFile(file))
  if (!isDecoded(read)) throw new InvalidError(`${shown} ${read.fault}.`, { hint: 'Save it as UTF-8.' })
  const { text } = read
  if (text.length > MAX_INPUT_CHARACTERS)
    throw new InvalidError(`${shown} is larger than ${formatSize(MAX_INPUT_CHARACTERS)}.`)
  const value = dataIn(text, shown)
  if (isJsonObject(value)) return value
  throw new InvalidError(`Expected a map of inputs in ${shown}.`, {
    hint: 'Write a line `name: value` for each input.',
  })
}

/** YAML takes seconds for a large file, so a large file is read only as JSON. */
function dataIn(text: string, file: string): Json {
  const read = readBoundedYaml(text, file)
  if ('value' in read) return asWritten(read.value, read.document)
  const value = read.isLong && jsonOf(text)
  if (value) return value
  const hint = read.isLong && { hint: 'Write that many values as JSON, nested at most 100 levels deep.' }
  throw new InvalidError(`The inputs cannot be read: ${read.message}`, { place: { file, ...read.place }, ...hint })
}

/** A number that would be written otherwise, such as 3.10, stays a text; an input of a number reads it again. */
function asWritten(value: Json, { contents }: Document.Parsed): Json {
  if (!isJsonObject(value) || !isMap(contents)) return value
  const texts = contents.items.flatMap(({ key, value: node }) => {
    if (!isScalar(key) || !isScalar(node) || typeof node.value !== 'number' || node.source === undefined) return []
    return String(node.value) === node.source ? [] : [[String(key.value), node.source] as const]
  })
  return texts.length === 0 ? value : { ...value, ...Object.fromEntries(texts) }
}

function jsonOf(text: string): Json | undefined {
  try {
    const value = parseExact(text) as Json
    return isBounded(value, MAX_INPUT_CHARACTERS) ? value : undefined
  } catch {
    // the YAML reader has reported the fault
    return undefined
  }
}

/** A pipeline for the process that runs it: its path, or for another machine its text with the included files. */
export async function pipelineForSession(
  file: string,
  folder: string,
  { isAway }: { readonly isAway: boolean },
): Promise<WhichPipeline> {
  if (!isAway) return { file }
  return { source: await bundlePipeline(file, shortPath(file, folder), await findProjectFolder(folder)) }
}
