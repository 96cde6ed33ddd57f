import { readFile } from 'node:fs/promises'
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'
import { InvalidError, type Place } from '../errors.ts'
import { nearest } from '../suggest.ts'
import { type ConfigFile, configSchema, keysAt } from './spec.ts'

/** Characters that a configuration may have. */
const LARGEST = 256 * 1024

/** The file's content, checked; InvalidError with file, line and column of the first fault. */
export async function readConfig(file: string): Promise<ConfigFile> {
  const text = await readText(file)
  if (text.length > LARGEST)
    throw new InvalidError(`the configuration is larger than ${LARGEST / 1024} KiB`, { place: { file } })
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const locate = (offset: number | undefined): Place => ({ file, ...position(lines, offset) })
  const fault = document.errors[0]
  if (fault) throw new InvalidError(`this is not YAML: ${fault.message}`, { place: locate(fault.pos[0]) })
  const result = configSchema.safeParse(contentOf(document, file))
  if (result.success) return result.data
  const { message, hint, path, offset } = explain(result.error.issues[0]!, document)
  throw new InvalidError(message, { place: { ...locate(offset), path: path.join('.') }, ...(hint && { hint }) })
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new InvalidError(`the configuration cannot be read: ${(cause as Error).message}`, { place: { file }, cause })
  }
}

function position(lines: LineCounter, offset: number | undefined): Place {
  if (offset === undefined) return {}
  const { line, col } = lines.linePos(offset)
  return { line, column: col }
}

/** An empty file says nothing, which is fine; aliases are bounded by the parser. */
function contentOf(document: Document, file: string): unknown {
  try {
    return document.toJS() ?? {}
  } catch (error) {
    throw new InvalidError(`the configuration cannot be used: ${(error as Error).message}`, { place: { file } })
  }
}

type Fault = {
  readonly message: string
  readonly hint?: string
  readonly path: readonly PropertyKey[]
  readonly offset: number | undefined
}

function explain(issue: z.core.$ZodIssue, document: Document): Fault {
  if (issue.code === 'unrecognized_keys') return explainKey(issue.keys[0]!, issue.path, document)
  const { path } = issue
  const said = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message
  const what = path.length === 0 ? 'the configuration' : `\`${path.join('.')}\``
  return { message: `${what}: ${said}`, path, offset: offsetOf(document, path, issue.code === 'invalid_key') }
}

function explainKey(key: string, parent: readonly PropertyKey[], document: Document): Fault {
  const known = keysAt(parent)
  const meant = nearest(key, known)
  const path = [...parent, key]
  return {
    message: `there is no setting \`${path.join('.')}\``,
    hint: meant === undefined ? `Known here: ${known.join(', ')}.` : `Did you mean \`${meant}\`?`,
    path,
    offset: offsetOf(document, path, true),
  }
}

/** Where the value, or the key, at a path begins; of what is missing, where it should have been. */
function offsetOf(document: Document, path: readonly PropertyKey[], wantsKey: boolean): number | undefined {
  const node = wantsKey ? keyNode(document, path) : document.getIn(path, true)
  if (isNode(node) && node.range) return node.range[0]
  return path.length === 0 ? 0 : offsetOf(document, path.slice(0, -1), true)
}

function keyNode(document: Document, path: readonly PropertyKey[]): unknown {
  const map = document.getIn(path.slice(0, -1), true)
  if (!isMap(map)) return undefined
  return map.items.find(({ key }) => isScalar(key) && String(key.value) === path.at(-1))?.key
}
