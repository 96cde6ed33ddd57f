import { fail, type Machine, spend } from '../evaluate/machine.ts'
import { suggest } from '../parse/suggest.ts'
import { fieldAt } from '../values/access.ts'
import { isTruthy, listOf, textOf } from '../values/values.ts'
import { flagArgument } from './arguments.ts'
import { isThere } from './checks.ts'
import { FILES } from './filters/files.ts'
import { JSONS } from './filters/json.ts'
import { LISTS } from './filters/lists.ts'
import { MAPS } from './filters/maps.ts'
import { NUMBERS } from './filters/numbers.ts'
import { PATTERNS } from './filters/patterns.ts'
import { TEXTS } from './filters/texts.ts'
import { type Bound, bind, type Operation, type Operations, operation, operationOf } from './operation.ts'

/** What may stand behind `|`. */
export type Filter = Operation

const fallback: Filter = {
  ...operation('value boolean', (value, args) => (isKept(value, args) ? value : (args.value ?? ''))),
  lenient: true,
}

/** Every filter there is, aliases included; a new one needs a line here or in a table it is made of, and nothing else. */
export const FILTERS: Operations = {
  ...TEXTS,
  ...LISTS,
  ...NUMBERS,
  ...MAPS,
  ...JSONS,
  ...FILES,
  ...PATTERNS,
  default: fallback,
  d: fallback,
  attr: operation('name', (value, { name }, machine) => fieldAt(value, textOf(name, machine))),
  map: operation('filter *arguments **named', mapAll),
}

/** `default` replaces what is missing, none, or a step that did not run; with `boolean` all that is false. */
function isKept(value: unknown, args: Bound): boolean {
  return isThere(value) && value !== null && (!flagArgument(args, 'boolean') || isTruthy(value))
}

/** `map('upper')` applies a filter to each item, `map(attribute='name')` reads a field of it. */
function mapAll(value: unknown, args: Bound, machine: Machine): unknown {
  const { attribute, default: other, ...named } = args.named as { readonly [name: string]: unknown }
  const items = listOf(value, machine)
  spend(machine, items.length)
  if (args.filter === undefined) return items.map((item, index) => readField(item, attribute, other, index, machine))
  const name = textOf(args.filter, machine)
  const filter = operationOf(FILTERS, name)
  if (!filter) return fail(machine, `unknown filter '${name}'`, suggest(name, Object.keys(FILTERS)).hint)
  const bound = bind(name, filter, args.arguments as readonly unknown[], Object.entries(named), machine)
  return items.map((item) => filter.apply(item, bound, machine) ?? null)
}

function readField(item: unknown, attribute: unknown, other: unknown, index: number, machine: Machine): unknown {
  if (attribute === undefined) return fail(machine, "'map' needs a filter or attribute=")
  const field = fieldAt(item, attribute)
  if (field !== undefined || other !== undefined) return field ?? other
  return fail(
    machine,
    `item ${index + 1} has no '${textOf(attribute, machine)}'`,
    "give one to fall back on: map(attribute=…, default='')",
  )
}
