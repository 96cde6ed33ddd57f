import { dirname } from 'node:path'
import type { Document } from 'yaml'
import type { z } from 'zod'
import { missingDomainFile } from '../chain/domains/settings.ts'
import { type ErrorPlace, InvalidError } from '../errors.ts'
import { type ValidationIssue, validationIssues } from '../kernel/schema-issues/validation-issues.ts'
import { readPlainFile } from '../lib/encoding/plain-file.ts'
import { nearestWord } from '../lib/suggest.ts'
import { offsetOfPath } from '../yaml/offset-of-path.ts'
import { readBoundedYaml } from '../yaml/read.ts'
import { findLookUpFault } from './mcp-schema.ts'
import { findFormFault } from './models-schema.ts'
import { type ConfigFile, configKeysAt, configSchema } from './schema.ts'

const MAX_CONFIG_LENGTH = 256 * 1024

/** How a file is checked: its schema, the known keys at a path, and its name in messages. */
export type FileShape<T> = {
  readonly schema: z.ZodType<T>
  keysAt(path: readonly PropertyKey[]): readonly string[]
  /** checks beyond the schema */
  check?(content: T, file: string): Promise<ConfigFault | undefined>
  readonly what: string
}
type ConfigFault = { readonly message: string; readonly hint?: string; readonly path: readonly PropertyKey[] }

const CONFIG_SHAPE: FileShape<ConfigFile> = {
  schema: configSchema,
  keysAt: configKeysAt,
  what: 'the configuration',
  check: async ({ models, pools = {}, domains = {}, mcpServers }, file) =>
    (await findFormFault(models)) ??
    (await findLookUpFault(mcpServers)) ??
    (await findFormFault(Object.values(pools), Object.keys(pools), 'pools')) ??
    missingDomainFile(domains, dirname(file)),
}

/** The checked content of antiphon.yaml; InvalidError with file, line and column of the first fault. */
export const readConfigFile = (file: string): Promise<ConfigFile> => readYamlFile(file, () => CONFIG_SHAPE)

/** The checked content of a YAML file; InvalidError with file, line and column of the first fault. */
export async function readYamlFile<T>(file: string, shapeOf: (content: unknown) => FileShape<T>): Promise<T> {
  const text = await readText(file)
  if (text.length > MAX_CONFIG_LENGTH)
    throw new InvalidError(`the file is larger than ${MAX_CONFIG_LENGTH / 1024} KiB`, { place: { file } })
  const read = readBoundedYaml(text, 'the file')
  if (!('value' in read)) throw new InvalidError(read.message, { place: { file, ...read.place } })
  const { document } = read
  const locate = (offset: number | undefined): ErrorPlace => ({ file, ...(offset !== undefined && read.where(offset)) })
  // an empty file is valid
  const content = read.value ?? {}
  const shape = shapeOf(content)
  const result = shape.schema.safeParse(content)
  const wrong = result.success
    ? await placed(shape, result.data, document, file)
    : explain(worstOf(validationIssues(result.error.issues, content)), document, shape)
  if (result.success && !wrong) return result.data
  const { message, hint, path, offset } = wrong!
  throw new InvalidError(message, { place: { ...locate(offset), path: path.join('.') }, ...(hint && { hint }) })
}

async function readText(file: string): Promise<string> {
  try {
    return (await readPlainFile(file)).toString('utf8')
  } catch (cause) {
    throw new InvalidError(`the file cannot be read: ${(cause as Error).message}`, { place: { file }, cause })
  }
}

type LocatedFault = ConfigFault & { readonly offset: number | undefined }

async function placed<T>(
  { check }: FileShape<T>,
  content: T,
  document: Document,
  file: string,
): Promise<LocatedFault | undefined> {
  const fault = await check?.(content, file)
  return (
    fault && {
      ...fault,
      message: `\`${fault.path.join('.')}\`: ${fault.message}`,
      offset: offsetOfPath(document, fault.path, false),
    }
  )
}

/** The most useful issue: an unknown key comes before a missing one, because it is probably a typo of it. */
function worstOf(issues: readonly ValidationIssue[]): ValidationIssue {
  const first = issues[0]!
  const mapOf = ({ path }: ValidationIssue) => path.slice(0, -1).join('.')
  const mistyped = issues.find((issue) => issue.code === 'unrecognized_keys' && mapOf(issue) === mapOf(first))
  return mistyped && first.path.length > 0 ? mistyped : first
}

function explain(
  { code, path, message }: ValidationIssue,
  document: Document,
  { keysAt, what }: Pick<FileShape<unknown>, 'keysAt' | 'what'>,
): LocatedFault {
  if (code === 'unrecognized_keys') return explainKey(String(path.at(-1)), path.slice(0, -1), document, keysAt)
  const whose = path.length === 0 ? what : `\`${path.join('.')}\``
  return { message: `${whose}: ${message}`, path, offset: offsetOfPath(document, path, code === 'invalid_key') }
}

function explainKey(
  key: string,
  parent: readonly PropertyKey[],
  document: Document,
  keysAt: FileShape<unknown>['keysAt'],
): LocatedFault {
  const known = keysAt(parent)
  const meant = nearestWord(key, known)
  const path = [...parent, key]
  return {
    message: `there is no setting \`${path.join('.')}\``,
    hint: meant === undefined ? `Known here: ${known.join(', ')}.` : `Did you mean \`${meant}\`?`,
    path,
    offset: offsetOfPath(document, path, true),
  }
}
