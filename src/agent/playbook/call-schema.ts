import { isJsonObject } from '../../kernel/json.ts'
import type { Json } from '../../kernel/schema.ts'
import type { CallSchema } from './learn/completed-goal.ts'

/** The maximum depth to which a schema is read. */
const MAX_DEPTH = 8

/**
 * The parts of a JSON Schema that leave a model no choice: names of
 * fields, and values fixed by `const` or an `enum` of one. Pure.
 */
export function callSchemaOf(schema: Json | undefined): CallSchema {
  const fields = new Set<string>()
  const fixed: { [parameter: string]: Json } = {}
  const visit = (at: Json | undefined, path: string, isSure: boolean, depth: number): void => {
    if (!isJsonObject(at) || depth > MAX_DEPTH) return
    const only = 'const' in at ? [at.const] : at.enum
    if (isSure && path !== '' && Array.isArray(only) && only.length === 1) fixed[path] = only[0]!
    for (const [name, field] of entriesOf(at.properties)) {
      fields.add(name)
      visit(field, path === '' ? name : `${path}.${name}`, isSure, depth + 1)
    }
    visit(at.items, path, isSure, depth + 1)
    // another branch may allow other values
    const branches = [at.anyOf, at.oneOf, at.allOf].flatMap((list) => (Array.isArray(list) ? list : []))
    const defined = [...entriesOf(at.$defs), ...entriesOf(at.definitions)].map(([, one]) => one)
    for (const branch of [...branches, ...defined]) visit(branch, path, false, depth + 1)
  }
  visit(schema, '', true, 0)
  return { fields: [...fields], fixed }
}

const entriesOf = (value: Json | undefined) => (isJsonObject(value) ? Object.entries(value) : [])
