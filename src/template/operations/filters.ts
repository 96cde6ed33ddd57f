import { fail, type Machine, spend } from '../machine/machine.ts'
import { formatMoment, parseMoment } from '../text/dates.ts'
import { fieldAt } from '../values/access.ts'
import { isTruthy, listOf, textOf } from '../values/values.ts'
import { isThere } from './checks.ts'
import { JSONS } from './filters/json.ts'
import { LAYOUTS } from './filters/layout.ts'
import { attributeOf, LISTS } from './filters/list.ts'
import { MAPS } from './filters/map.ts'
import { MARKUPS } from './filters/markup.ts'
import { NUMBERS } from './filters/number.ts'
import { PATTERNS } from './filters/regex.ts'
import { PICKS } from './filters/select.ts'
import { ORDERS } from './filters/sort.ts'
import { onText, TEXTS } from './filters/text.ts'
import {
  type Bound,
  bind,
  flagArgument,
  type Operation,
  type Operations,
  operation,
  operationOf,
  suggest,
  textArgument,
} from './operation.ts'

/** Filters that tell of files, as far as the scope has the functions of the same names. */
const FILES: Operations = {
  include_file: asking(
    'include_file',
    'The text of the file of that path, as it is; as a function: include_file(path).',
  ),
  file_exists: asking(
    'file_exists',
    'Whether there is a file or folder of that path; as a function: file_exists(path).',
  ),
}

function asking(name: string, does: string): Operation {
  return operation('base_dir?', does, (value, { base_dir }, machine) => {
    const ask = machine.scope.get(name)
    return typeof ask === 'function' ? ask(textOf(value, machine), base_dir) : fail(machine, 'there are no files here')
  })
}

const date = onText(
  'format?',
  "An ISO-8601 date, or 'now' for the time of the run, in the words of strftime ('%Y-%m-%d %H:%M:%S'); other text stays.",
  dateText,
)

/** Filters that write dates. */
const DATES: Operations = { date, strftime: date }

/** A text that is no date stays as it is; 'now' is the time of the run, so that it is the same on every replay. */
function dateText(text: string, args: Bound, machine: Machine): string {
  const moment = parseMoment(text.trim() === 'now' ? textOf(machine.scope.get('timestamp'), machine) : text)
  const format = textArgument(args, 'format', '%Y-%m-%d %H:%M:%S', machine)
  spend(machine, format.length / 2)
  return moment ? formatMoment(moment, format) : text
}

/** What may stand behind `|`. */
export type Filter = Operation

const fallback: Filter = {
  ...operation(
    'default_value? boolean?',
    'Another value for what is not there, none, or a step that was skipped; with true also for what is falsy.',
    (value, args) => (isKept(value, args) ? value : args.default_value === undefined ? '' : args.default_value),
  ),
  lenient: true,
}

/** Every filter there is, aliases included; a new one needs a line here or in a table it is made of, and nothing else. */
export const FILTERS: Operations = {
  default: fallback,
  d: fallback,
  ...TEXTS,
  ...LAYOUTS,
  ...MARKUPS,
  ...NUMBERS,
  ...LISTS,
  ...ORDERS,
  ...PICKS,
  map: {
    ...operation(
      'filter? *arguments **named',
      "A filter on each item: map('upper'); or a field of each: map(attribute='user.name', default='').",
      mapAll,
    ),
    check: ({ filter }, machine) => {
      if (typeof filter === 'string') filterOf(filter, machine)
    },
  },
  attr: operation('name', 'A field by its name.', (value, { name }, machine) => fieldAt(value, name, machine)),
  ...MAPS,
  ...JSONS,
  ...PATTERNS,
  ...DATES,
  ...FILES,
}

/** Filters that other engines have, and why there are none here. */
const ABSENT: { readonly [name: string]: string } = {
  contains: "write 'part' in text",
  size: "did you mean 'length'?",
  parse_json: "did you mean 'from_json'?",
  random: 'it would yield something else on every replay',
  urlize: 'it makes HTML: write the tag around the address',
  xmlattr: 'it makes HTML: write the attributes',
  summarize: 'ask a model, by a step with action: generate',
  extract_metrics: 'ask a model, by a step with action: generate',
}

/** What to say of a filter that is not there. */
export function absentFilter(name: string): { readonly hint?: string } {
  return Object.hasOwn(ABSENT, name) ? { hint: ABSENT[name]! } : suggest(name, Object.keys(FILTERS))
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
  if (args.filter === undefined) {
    if (attribute === undefined) return fail(machine, "'map' needs a filter or attribute=")
    return items.map((item, index) => attributeOf(item, attribute, other, index, machine))
  }
  const name = textOf(args.filter, machine)
  const filter = filterOf(name, machine)
  const more = attribute === undefined ? named : { ...named, attribute }
  const bound = bind(name, filter, args.arguments as readonly unknown[], Object.entries(more), machine)
  return items.map((item) => filter.apply(item, bound, machine) ?? null)
}

function filterOf(name: string, machine: Machine): Filter {
  return operationOf(FILTERS, name) ?? fail(machine, `unknown filter '${name}'`, absentFilter(name).hint)
}
