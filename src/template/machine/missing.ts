import { TerminalError } from '../../errors.ts'
import type { TemplatePosition } from '../syntax.ts'
import { failAtNode, type RenderMachine } from './machine.ts'

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
  /** the skipped step whose field it is */
  readonly skipped?: unknown
  /** a conversion that failed: using its value fails with this */
  readonly fault?: ConversionFault
}

/** A conversion that cannot be done. */
type ConversionFault = { readonly message: string; readonly hint: string; readonly operation: string | undefined }

/** A missing value that was already reported. */
export const REPORTED_MISSING: MissingValue = { [MISSING]: true, name: '', at: { line: 1, column: 1 }, declared: true }

/** A reference that leads nowhere. */
export function missingValue(
  name: string,
  at: TemplatePosition,
  declared: boolean,
  { why, skipped }: Pick<MissingValue, 'why' | 'skipped'> = {},
): MissingValue {
  return { [MISSING]: true, name, at, declared, why, skipped }
}

/** The value of a failed conversion: `default` replaces it, and every other use of it fails with the message. */
export function failedConversion(machine: RenderMachine, message: string, hint: string): MissingValue {
  return {
    [MISSING]: true,
    name: '',
    at: machine.at,
    declared: false,
    fault: { message, hint, operation: machine.operation },
  }
}

export function isMissing(value: unknown): value is MissingValue {
  return typeof value === 'object' && value !== null && MISSING in value
}

/** The value for use. A missing one is recorded, and the rendering fails in the end with the names of all of them. */
export function useValue(value: unknown, machine: RenderMachine): unknown {
  if (!isMissing(value) || value === REPORTED_MISSING) return value
  if (value.fault) {
    const { message, hint, operation } = value.fault
    return failAtNode({ ...machine, at: value.at, operation }, message, hint)
  }
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
  return `To continue without it, write \`{{ ${name} | default('…') }}\`, or check it first: \`{% if ${step} is not skipped %}\`.`
}
