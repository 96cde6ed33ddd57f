import { errorOf, type Problem, problemOf, TerminalError } from '../errors.ts'
import { isInterruption } from '../kernel/faults.ts'
import type { Json, JsonObject } from '../kernel/json.ts'
import { secretsIn, substituteSecrets, variableOf } from '../secret/names.ts'
import type { Redaction } from '../secret/redaction.ts'
import type { SecretStore } from '../secret/store.ts'

/** The secrets for tools, and the redaction that removes them from results. */
export type ToolSecrets = Pick<SecretStore, 'get'> &
  Pick<Redaction, 'hide' | 'shown'> & {
    /** Redacts all secrets known here from the problem, including secrets that no call has used yet. */
    problem(problem: Problem): Promise<Problem>
  }

/** Whether a text has a template or AUTO tag. Such a text names no secret, because data could forge the name. */
export const hasTemplate = (text: string) => /\{\{|\{%|\{#|<AUTO\b/.test(text)

/** The secrets that parameters name as written; none in texts with a template. */
export function secretNamesIn(written: Json): readonly string[] {
  if (typeof written === 'string') return hasTemplate(written) ? [] : secretsIn(written)
  if (typeof written !== 'object' || written === null) return []
  return Object.values(written).flatMap((item) => secretNamesIn(item ?? null))
}

/**
 * Inserts secrets where the author wrote `secret://name`. Rendered values are data and cannot name
 * a secret.
 * @throws TerminalError `secret_missing`
 */
export async function insertSecrets(
  written: JsonObject,
  rendered: JsonObject,
  secrets: Pick<ToolSecrets, 'get'>,
): Promise<JsonObject> {
  const names = [...new Set(secretNamesIn(written))]
  if (names.length === 0) return rendered
  const values = new Map(await Promise.all(names.map(async (name) => [name, await secretOf(name, secrets)] as const)))
  return putAll(written, rendered, values) as JsonObject
}

async function secretOf(name: string, secrets: Pick<ToolSecrets, 'get'>): Promise<string> {
  const value = await secrets.get(name)
  if (value !== undefined) return value
  throw new TerminalError(`There is no secret ${name}.`, {
    code: 'secret_missing',
    hint: `Store it with \`antiphon keys set ${name}\`, or set ${variableOf(name)} in the environment.`,
  })
}

function putAll(written: Json, rendered: Json, values: ReadonlyMap<string, string>): Json {
  if (typeof written === 'string') return hasTemplate(written) ? rendered : substituteSecrets(written, values)
  if (typeof written !== 'object' || written === null) return rendered
  if (isList(written)) return written.map((item, index) => putAll(item, (rendered as readonly Json[])[index]!, values))
  const fields = rendered as { readonly [name: string]: Json }
  return Object.fromEntries(
    Object.entries(written).map(([name, item]) => [name, putAll(item ?? null, fields[name] ?? null, values)]),
  )
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value)

/** A value as it is stored. `notes` receives a warning for each declared secret that was cut from it. */
export function storable<Value extends Json>(
  value: Value,
  secrets: Pick<ToolSecrets, 'hide'> | undefined,
  notes: { push(note: { readonly warning: string }): unknown },
): Value {
  const cut = (name: string) =>
    void notes.push({ warning: `The secret ${name} is not stored: \`[redacted]\` stands in its place.` })
  return secrets ? secrets.hide(value, cut) : value
}

/** The result of an answered call as it is stored, with those warnings. */
export function storableAnswer(result: Json, secrets: Pick<ToolSecrets, 'hide'> | undefined) {
  const notes: { readonly warning: string }[] = []
  const stored = storable(result, secrets, notes)
  const warnings = [...new Set(notes.map(({ warning }) => warning))]
  return { type: 'result' as const, result: stored, ...(warnings.length > 0 && { warnings }) }
}

/** Runs the work and redacts secrets in its errors, except interruptions. */
export async function redactErrors<T>(secrets: ToolSecrets | undefined, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (isInterruption(error) || !secrets) throw error
    throw errorOf(await secrets.problem(problemOf(error)))
  }
}
