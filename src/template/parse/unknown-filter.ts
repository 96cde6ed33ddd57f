import { absentFilter, FILTERS } from '../operations/filters.ts'
import { FUNCTIONS } from '../operations/functions.ts'
import { absentMethod, METHOD_NAMES } from '../operations/methods.ts'
import { operationOf } from '../operations/operation.ts'

/** What to write for a filter that is none: how a method or a function of that name is called, or the nearest filter. */
export function filterMeant(name: string): string | undefined {
  if (METHOD_NAMES.includes(name)) return `it is a method: write value.${name}()`
  if (operationOf(FUNCTIONS, name)) return `it is a function: write ${name}(value)`
  return absentFilter(name).hint
}

/** What to write for a method that is none: how a filter or a function of that name is called, or the nearest method. */
export function methodMeant(name: string): string | undefined {
  if (operationOf(FILTERS, name)) return `it is a filter: write value | ${name}`
  if (operationOf(FUNCTIONS, name)) return `it is a function: write ${name}(value)`
  return absentMethod(name).hint
}
