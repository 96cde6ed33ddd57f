import type { Advice, Written } from '../../advice.ts'
import { isRow } from './table.ts'

/** Sees a call that says nothing of what is to be done, in no parameter of these and in no field of `operation`. */
export function adviceOnLack(parameters: readonly string[], fields: readonly string[], hint: string) {
  return (given: Written): readonly Advice[] => {
    const { operation = {} } = given
    const isSaid = !isRow(operation) || fields.some((name) => operation[name] !== undefined)
    if (isSaid || parameters.some((name) => given[name] !== undefined)) return []
    const message = `it needs ${parameters.map((name) => `\`${name}\``).join(' or ')}`
    return [{ parameter: parameters[0]!, message, hint }]
  }
}
