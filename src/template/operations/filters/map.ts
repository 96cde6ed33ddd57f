import { failAtNode, type RenderMachine, spendItems } from '../../machine/machine.ts'
import { orderValues } from '../../values/compare.ts'
import { entriesOf } from '../../values/entries.ts'
import { describeValue, isMap, unwrapView } from '../../values/values.ts'
import type { BoundArguments, TemplateOperation, TemplateOperations } from '../operation.ts'
import { defineOperation, flagArgument, textArgument } from '../operation.ts'
import { caseFolding } from './sort.ts'

type Entry = readonly [key: string, value: unknown]

/** A filter that works on the fields of a map, in their order. */
function onEntries(
  parameters: string,
  does: string,
  apply: (entries: readonly Entry[], args: BoundArguments, machine: RenderMachine) => unknown,
): TemplateOperation {
  return defineOperation(parameters, does, (value, args, machine) => {
    const map = unwrapView(value)
    if (!isMap(map)) return failAtNode(machine, `expected a map, got ${describeValue(value, machine)}`)
    const entries = entriesOf(map, machine)
    spendItems(machine, entries.length)
    return apply(entries, args, machine)
  })
}

export const MAP_FILTERS: TemplateOperations = {
  items: onEntries('', 'Pairs of key and value.', (entries) => entries),
  keys: onEntries('', 'The keys.', (entries) => entries.map(([key]) => key)),
  values: onEntries('', 'The values.', (entries) => entries.map(([, value]) => value)),
  dictsort: onEntries(
    'case_sensitive? by? reverse?',
    "Pairs in the order of their keys, or with by='value' of their values.",
    sortEntries,
  ),
}

function sortEntries(entries: readonly Entry[], args: BoundArguments, machine: RenderMachine): readonly Entry[] {
  const by = textArgument(args, 'by', 'key', machine)
  if (by !== 'key' && by !== 'value') return failAtNode(machine, `expected by='key' or by='value', got '${by}'`)
  const index = by === 'value' ? 1 : 0
  const turn = flagArgument(args, 'reverse') ? -1 : 1
  const fold = caseFolding(args, machine)
  const keys = entries.map((entry): [unknown, Entry] => [fold(entry[index]), entry])
  return keys.toSorted(([a], [b]) => orderValues(a, b, machine) * turn).map(([, entry]) => entry)
}
