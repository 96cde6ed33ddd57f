import { fail, type Machine, spendItems } from '../../evaluate/machine.ts'
import { order } from '../../values/compare.ts'
import { entriesOf } from '../../values/entries.ts'
import { behind, isMap, kindOf } from '../../values/values.ts'
import { flagArgument, textArgument } from '../arguments.ts'
import { type Bound, type Operation, type Operations, operation } from '../operation.ts'

type Entry = readonly [key: string, value: unknown]

/** A filter that works on the fields of a map, in their order. */
function onEntries(
  parameters: string,
  apply: (entries: readonly Entry[], args: Bound, machine: Machine) => unknown,
): Operation {
  return operation(parameters, (value, args, machine) => {
    const map = behind(value)
    if (!isMap(map)) return fail(machine, `${kindOf(value)} has no fields`)
    const entries = entriesOf(map, machine)
    spendItems(machine, entries.length)
    return apply(entries, args, machine)
  })
}

/** Filters that take maps. */
export const MAPS: Operations = {
  items: onEntries('', (entries) => entries),
  keys: onEntries('', (entries) => entries.map(([key]) => key)),
  values: onEntries('', (entries) => entries.map(([, value]) => value)),
  dictsort: onEntries('case_sensitive by reverse', sortEntries),
}

function sortEntries(entries: readonly Entry[], args: Bound, machine: Machine): readonly Entry[] {
  const index = textArgument(args, 'by', 'key', machine) === 'value' ? 1 : 0
  const keyOf = (entry: Entry) => {
    const key = entry[index]
    return typeof key === 'string' && !flagArgument(args, 'case_sensitive') ? key.toLowerCase() : key
  }
  const sorted = entries.toSorted((a, b) => order(keyOf(a), keyOf(b), machine))
  return flagArgument(args, 'reverse') ? sorted.reverse() : sorted
}
