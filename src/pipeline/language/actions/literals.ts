import type { Json } from '../../../kernel/schema.ts'
import type { ValidationIssue } from '../../../kernel/schema-issues/validation-issues.ts'
import { secretsIn } from '../../../secret/names.ts'

type Path = ValidationIssue['path']

/** Whether a value is final before the step runs: it has no template, tag or reference. */
export function isLiteral(value: Json | undefined): boolean {
  return !/\{\{|\{%|\{#|<AUTO|"\$\w/.test(JSON.stringify(value) ?? '')
}

/** Whether a fault of authored parameters is certain to remain after rendering. */
export function certainFaults(parameters: Json): (fault: ValidationIssue) => boolean {
  const open = openPaths(parameters, [])
  return ({ path, code }) => {
    // a check of the whole value may depend on parts that are rendered later
    const looksElsewhere = code === undefined || code === 'custom'
    return looksElsewhere ? open.length === 0 : !open.some((other) => other.every((key, at) => key === path[at]))
  }
}

/** The paths whose values are filled in when the step runs. */
function openPaths(value: Json | undefined, at: Path): readonly Path[] {
  if (typeof value === 'string') return isLiteral(value) && secretsIn(value).length === 0 ? [] : [at]
  if (typeof value !== 'object' || value === null) return []
  if (isList(value)) return value.flatMap((item, index) => openPaths(item, [...at, index]))
  return Object.entries(value).flatMap(([key, item]) => openPaths(item, [...at, key]))
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value)
