import { TerminalError } from '../../errors.ts'
import type { TemplatePosition } from '../syntax.ts'
import type { RenderMachine } from './machine.ts'

const MISSING = Symbol('missing')

/** The value of an unknown reference: harmless until it is used. */
export type MissingValue = {
  readonly [MISSING]: true
  readonly name: string
  readonly at: TemplatePosition
  /** whether its first name exists, so that only a field is missing */
  readonly declared: boolean
  /** why it is missing, if known */
  readonly why?: string | undefined
}

/** A missing value that was already reported. */
export const REPORTED_MISSING: MissingValue = { [MISSING]: true, name: '', at: { line: 1, column: 1 }, declared: true }

/** A reference that leads nowhere. */
export function missingValue(name: string, at: TemplatePosition, declared: boolean, why?: string): MissingValue {
  return { [MISSING]: true, name, at, declared, why }
}

/** Whether a value is a missing one. */
export function isMissing(value: unknown): value is MissingValue {
  return typeof value === 'object' && value !== null && MISSING in value
}

/** The value for use. A missing value is recorded, so that the rendering fails in the end with the names of all missing values. */
export function useValue(value: unknown, machine: RenderMachine): unknown {
  if (!isMissing(value) || value === REPORTED_MISSING) return value
  machine.unresolved ??= new Map()
  machine.unresolved.set(`${value.name} ${value.at.line}:${value.at.column}`, value)
  return REPORTED_MISSING
}

/** Throws TerminalError unresolved_template when something missing was used. */
export function refuseUnresolved(machine: RenderMachine): void {
  if (!machine.unresolved) return
  const all = [...machine.unresolved.values()]
  const named = all.slice(0, 20).map(({ name, at }) => `'${name}' (line ${at.line}, column ${at.column})`)
  const more = all.length > named.length ? ` and ${all.length - named.length} more` : ''
  const whys = [...new Set(all.flatMap(({ why = [] }) => why))].slice(0, 5).map((why) => `; ${why}`)
  const hint = whys.length > 0 ? guardOf(all.find(({ why }) => why !== undefined)!.name) : undefined
  throw new TerminalError(`unresolved: ${named.join(', ')}${more}${whys.join('')}`, {
    code: 'unresolved_template',
    hint,
  })
}

function guardOf(name: string): string {
  const step = /^[^.[]+/.exec(name)?.[0] ?? name
  return `to continue without it: {{ ${name} | default('…') }}, or check it first: {% if ${step}.status == 'completed' %}`
}
