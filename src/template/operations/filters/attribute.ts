import { fail, type Machine } from '../../machine/machine.ts'
import { fieldAt } from '../../values/access.ts'
import { textOf } from '../../values/values.ts'

/** A field of an item, or the fallback; fails in place, naming the item, when there is neither. */
export function attributeOf(
  item: unknown,
  attribute: unknown,
  fallback: unknown,
  index: number,
  machine: Machine,
): unknown {
  const field = fieldAt(item, attribute, machine)
  if (field !== undefined || fallback !== undefined) return field ?? fallback ?? null
  const hint = "leave such items out before: | selectattr('…', 'defined'), or where it is taken give a default="
  return fail(machine, `item ${index + 1} has no '${textOf(attribute, machine)}'`, hint)
}
