import { failAtNode, type RenderMachine, spendItems, spendSteps, spendText } from '../../machine/machine.ts'
import { fieldAt } from '../../values/access.ts'
import { characterCount, charactersOf } from '../../values/characters.ts'
import { describeValue, inputText, isMap, itemsOf, printValue, toList, unwrapView } from '../../values/values.ts'
import { viewOf } from '../../view.ts'
import type { BoundArguments, TemplateOperation, TemplateOperations } from '../operation.ts'
import { countArgument, defineOperation, textArgument, wholeArgument } from '../operation.ts'

/** A filter that works on a list, or the keys of a map. */
export function listFilter(
  parameters: string,
  does: string,
  apply: (list: readonly unknown[], args: BoundArguments, machine: RenderMachine) => unknown,
): TemplateOperation {
  return defineOperation(parameters, does, (value, args, machine) => apply(toList(value, machine), args, machine))
}

/** A filter that takes a text as the list of its characters. */
function onItems(does: string, apply: (items: readonly unknown[]) => unknown): TemplateOperation {
  return defineOperation('', does, (value, _args, machine) => apply(itemsOf(value, machine)))
}

function onIndex(does: string, offset: number): TemplateOperation {
  return defineOperation('index', does, (value, args, machine) => {
    const index = wholeArgument(args, 'index', 0, machine) + offset
    return index < 0 ? null : (itemsOf(value, machine)[index] ?? null)
  })
}

const length = defineOperation(
  '',
  'The number of items, fields or characters; for a step with a text, its characters.',
  (value, _args, machine) => measure(value, machine),
)

/** Filters that split and join lists. */
export const LIST_FILTERS: TemplateOperations = {
  length,
  count: length,
  list: onItems('A list: the keys of a map, the characters of a text.', (items) => [...items]),
  first: onItems('The first item or character.', (items) => items[0]),
  last: onItems('The last item or character.', (items) => items.at(-1)),
  join: listFilter(
    'd? attribute?',
    "The items as one text, with ', ' or another text between them; of maps, one field.",
    join,
  ),
  reverse: defineOperation('', 'A list or text in reverse order.', reverse),
  batch: listFilter('linecount fill_with?', 'Lists of this many items; a given value fills up the last one.', batch),
  slice: listFilter('slices fill_with?', 'This many lists of similar length; a given value fills them up.', slice),
  loop_get: onIndex('The item at this index, or none.', 0),
  next_in_loop: onIndex('The item after this index, or none.', 1),
  prev_in_loop: onIndex('The item before this index, or none.', -1),
}

/** The items of a list, the fields of a map, the characters of a text; a view counts its list or else its text. */
function measure(value: unknown, machine: RenderMachine): number {
  const inner = unwrapView(value)
  if (Array.isArray(inner)) return inner.length
  if (isMap(value)) return toList(value, machine).length
  if (typeof value === 'string' || viewOf(value)) return characterCount(inputText(value, machine), machine)
  return failAtNode(machine, `expected a list, a map or text, got ${describeValue(value, machine)}`)
}

function join(list: readonly unknown[], args: BoundArguments, machine: RenderMachine): string {
  const parts =
    args.attribute === undefined
      ? list
      : list.map((item, index) => requireAttribute(item, args.attribute, undefined, index, machine))
  const texts = parts.map((part) => inputText(part, machine))
  const joint = textArgument(args, 'd', ', ', machine)
  spendText(machine, joint.length * texts.length)
  return texts.join(joint)
}

function reverse(value: unknown, _args: BoundArguments, machine: RenderMachine): unknown {
  if (Array.isArray(unwrapView(value)) || isMap(value)) return toList(value, machine).toReversed()
  if (typeof value !== 'string' && !viewOf(value))
    return failAtNode(machine, `expected a list or text, got ${describeValue(value, machine)}`)
  const text = inputText(value, machine)
  spendSteps(machine, text.length / 8)
  return [...charactersOf(text, machine)].reverse().join('')
}

function batch(list: readonly unknown[], args: BoundArguments, machine: RenderMachine): readonly unknown[] {
  const size = countArgument(args, 'linecount', 1, 1, machine)
  const rows = Array.from({ length: Math.ceil(list.length / size) }, (_row, index) =>
    list.slice(index * size, (index + 1) * size),
  )
  const last = rows.at(-1)
  if (args.fill_with === undefined || !last) return rows
  spendItems(machine, size)
  return [...rows.slice(0, -1), [...last, ...Array.from({ length: size - last.length }, () => args.fill_with)]]
}

/** If the items cannot be divided evenly, the first lists are one item longer. */
function slice(list: readonly unknown[], args: BoundArguments, machine: RenderMachine): readonly unknown[] {
  const slices = countArgument(args, 'slices', 1, 1, machine)
  spendItems(machine, slices)
  const size = Math.floor(list.length / slices)
  const longer = list.length % slices
  return Array.from({ length: slices }, (_row, index) => {
    const from = index * size + Math.min(index, longer)
    const row = list.slice(from, from + size + (index < longer ? 1 : 0))
    return args.fill_with !== undefined && longer > 0 && index >= longer ? [...row, args.fill_with] : row
  })
}

/** A field of an item, or the fallback. If there is neither, it fails at its place and names the item. */
export function requireAttribute(
  item: unknown,
  attribute: unknown,
  fallback: unknown,
  index: number,
  machine: RenderMachine,
): unknown {
  const field = fieldAt(item, attribute, machine)
  if (field !== undefined || fallback !== undefined) return field ?? fallback ?? null
  const hint =
    "Leave such items out before with `| selectattr('…', 'defined')`, or give a `default=` where it is taken."
  return failAtNode(machine, `item ${index + 1} has no '${printValue(attribute, machine)}'`, hint)
}
