import { ownValue } from '../../../lib/own.ts'
import { didYouMean } from '../diagnostics/did-you-mean.ts'
import type { DocumentPath, ReportFinding } from '../diagnostics/finding.ts'
import type { KeyTable } from './key-table.ts'
import { MODEL_NEED_TABLE } from './model-need-keys.ts'
import { PIPELINE_TABLE } from './pipeline-keys.ts'
import { STEP_TABLE } from './step-keys.ts'

/** The keys of a map: those that work, those that are planned, and those without a meaning. */
export type KeyRules = {
  readonly known: readonly string[]
  readonly missing?: { readonly [key: string]: string }
  readonly ignored?: readonly string[]
  /** keys of another map, each with the hint for the way to write it */
  readonly elsewhere?: { readonly [key: string]: string }
  /** the hint for a key that is near none of these */
  readonly else?: string
}

/** The keys of a table, by their state. */
export function keyRulesOf(table: KeyTable): KeyRules & { readonly missing: { readonly [key: string]: string } } {
  const entries = Object.entries(table)
  return {
    known: entries.flatMap(([key, { later, ignored }]) => (later === undefined && !ignored ? [key] : [])),
    missing: Object.fromEntries(entries.flatMap(([key, { later }]) => (later === undefined ? [] : [[key, later]]))),
    ignored: entries.flatMap(([key, { ignored }]) => (ignored ? [key] : [])),
  }
}

/** Requirements on the model that are written in the wrong map, each with the hint for the way to write it. */
export const needsUnder = (parent: string, more = '') =>
  Object.fromEntries(Object.keys(MODEL_NEED_TABLE).map((need) => [need, `Write \`${parent}: { ${need}: … }\`${more}.`]))

export const PIPELINE_KEYS = { ...keyRulesOf(PIPELINE_TABLE), elsewhere: needsUnder('model') }
export const STEP_KEYS = {
  ...keyRulesOf(STEP_TABLE),
  elsewhere: needsUnder('requires_model', ', or put parameters of the tool or action under `parameters:`'),
  else: 'Put parameters of the tool or action under `parameters:`.',
}

/** Reports every unknown key of a map: a planned key by name, any other with the nearest known key. */
export function checkKeys(
  map: object,
  { known, missing = {}, ignored = [], elsewhere = {}, else: otherwise }: KeyRules,
  path: DocumentPath,
  report: ReportFinding,
  step?: string,
): void {
  for (const key of Object.keys(map)) {
    if (known.includes(key)) continue
    const more = { key: true, ...(step !== undefined && { step }) } as const
    if (Object.hasOwn(missing, key)) {
      report('not_supported', [...path, key], `\`${key}:\` is not supported`, { ...more, hint: missing[key] })
    } else if (ignored.includes(key)) {
      report('unknown_key', [...path, key], `\`${key}:\` has no meaning and is ignored`, more)
    } else {
      report('unknown_key', [...path, key], `unknown key \`${key}\``, {
        ...more,
        hint: ownValue(elsewhere, key) ?? didYouMean(key, known) ?? otherwise,
      })
    }
  }
}

/** Whether a name in a list is new. A repeated one is reported like a repeated key. `what`: the kind of named thing. */
export function checkUnique(
  name: string,
  taken: Set<string>,
  path: DocumentPath,
  what: string,
  report: ReportFinding,
): boolean {
  if (taken.has(name)) report('yaml_duplicate_key', path, `there are two ${what}`, { hint: 'Keep one of them.' })
  const isNew = !taken.has(name)
  taken.add(name)
  return isNew
}
