import type { Json } from '../../../kernel/schema.ts'
import { didYouMean } from '../diagnostics/did-you-mean.ts'
import type { Report } from '../diagnostics/finding.ts'
import { checkKeys, PIPELINE_KEYS } from '../schema/check-keys.ts'
import { type Fields, isMap } from './pipeline-spec.ts'

/** The sections whose maps are meant to be read by templates. */
const SECTIONS = ['context', 'config', 'data', 'variables']

/** Reports keys that mean nothing here; one that is not known at all may hold a constant. */
export function checkPipelineKeys(value: Fields, report: Report): void {
  const unknown = Object.keys(value).filter((key) => !isKnown(key))
  checkKeys(without(value, unknown), PIPELINE_KEYS, [], report)
  for (const key of unknown) {
    const guess = didYouMean(key, PIPELINE_KEYS.known)
    const use = isConstant(key, value[key]) ? `templates read it as \`${key}\`` : undefined
    const hint = [guess, use].filter((part) => part !== undefined).join(' otherwise ') || undefined
    report('unknown_key', [key], `unknown key \`${key}\``, { key: true, hint })
  }
  for (const key of SECTIONS.filter((key) => value[key] !== undefined && !isMap(value[key])))
    report('bad_value', [key], `\`${key}:\` is a map of constants`)
}

/** What templates can read besides inputs and steps: the four sections, and maps under names of the author's own. */
export function readConstants(value: Fields): { readonly [name: string]: Json } {
  const names = Object.keys(value).filter((key) => SECTIONS.includes(key) || !isKnown(key))
  return Object.fromEntries(names.flatMap((key) => (isConstant(key, value[key]) ? [[key, value[key]!]] : [])))
}

function isKnown(key: string): boolean {
  const { known, missing, ignored = [] } = PIPELINE_KEYS
  return known.includes(key) || Object.hasOwn(missing, key) || ignored.includes(key)
}

function isConstant(key: string, value: Json | undefined): boolean {
  return isMap(value) && /^[a-zA-Z_]\w{0,99}$/.test(key) && !(key in {})
}

function without(value: Fields, keys: readonly string[]): Fields {
  const gone = new Set(keys)
  return Object.fromEntries(Object.entries(value).filter(([key]) => !gone.has(key)))
}
