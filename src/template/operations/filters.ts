import { failAtNode, type RenderMachine, spendSteps } from '../machine/machine.ts'
import { useValue } from '../machine/missing.ts'
import { fieldAt } from '../values/access.ts'
import { isTruthy, printValue, toList } from '../values/values.ts'
import { isPresent } from './checks.ts'
import { DATE_FILTERS } from './filters/date.ts'
import { JSON_FILTERS } from './filters/json.ts'
import { LAYOUT_FILTERS } from './filters/layout.ts'
import { LIST_FILTERS, requireAttribute } from './filters/list.ts'
import { MAP_FILTERS } from './filters/map.ts'
import { MARKUP_FILTERS } from './filters/markup.ts'
import { NUMBER_FILTERS } from './filters/number.ts'
import { REGEX_FILTERS } from './filters/regex.ts'
import { SELECT_FILTERS } from './filters/select.ts'
import { SORT_FILTERS } from './filters/sort.ts'
import { TEXT_FILTERS } from './filters/text.ts'
import type { BoundArguments, TemplateOperation, TemplateOperations } from './operation.ts'
import { bindArguments, defineOperation, flagArgument, operationOf, suggest } from './operation.ts'

/** Filters about files, if the scope has functions with the same names. */
const FILE_FILTERS: TemplateOperations = {
  include_file: asking('include_file', 'The text of the file at this path. As a function: include_file(path).'),
  file_exists: asking('file_exists', 'Whether a file or folder exists at this path. As a function: file_exists(path).'),
}

function asking(name: string, does: string): TemplateOperation {
  return defineOperation('base_dir?', does, (value, { base_dir }, machine) => {
    const ask = machine.scope.get(name)
    return typeof ask === 'function'
      ? ask(printValue(value, machine), base_dir)
      : failAtNode(machine, 'files are not available here')
  })
}

type Filter = TemplateOperation

const fallback: Filter = {
  ...defineOperation(
    'default_value? boolean?',
    'A default for a missing value, none, or a skipped step; with true also for falsy values.',
    (value, args) => (isKept(value, args) ? value : args.default_value === undefined ? '' : args.default_value),
  ),
  lenient: true,
}

/** All filters, including aliases. To add a filter, add a line here or in one of the tables below. */
export const FILTERS: TemplateOperations = {
  default: fallback,
  d: fallback,
  ...TEXT_FILTERS,
  ...LAYOUT_FILTERS,
  ...MARKUP_FILTERS,
  ...NUMBER_FILTERS,
  ...LIST_FILTERS,
  ...SORT_FILTERS,
  ...SELECT_FILTERS,
  map: {
    ...defineOperation(
      'filter? *arguments **named',
      "A filter on each item: map('upper'); or a field of each: map(attribute='user.name', default='').",
      mapAll,
    ),
    check: ({ filter }, machine) => {
      if (typeof filter === 'string') filterOf(filter, machine)
    },
  },
  attr: defineOperation('name', 'A field by name.', (value, { name }, machine) => fieldAt(value, name, machine)),
  ...MAP_FILTERS,
  ...JSON_FILTERS,
  ...REGEX_FILTERS,
  ...DATE_FILTERS,
  ...FILE_FILTERS,
}

/** Filters of other engines, and why they do not exist here. */
const FOREIGN_FILTERS: { readonly [name: string]: string } = {
  contains: "Write `'part' in text`.",
  size: 'Did you mean `length`?',
  parse_json: 'Did you mean `from_json`?',
  random: 'It would yield something else on every replay.',
  urlize: 'It makes HTML. Write the tag around the address.',
  xmlattr: 'It makes HTML. Write the attributes.',
  summarize: 'Ask a model, by a step with `action: generate`.',
  extract_metrics: 'Ask a model, by a step with `action: generate`.',
}

export function unknownFilterHint(name: string): { readonly hint?: string } {
  return Object.hasOwn(FOREIGN_FILTERS, name) ? { hint: FOREIGN_FILTERS[name]! } : suggest(name, Object.keys(FILTERS))
}

/** `default` replaces missing values, none, and steps that did not run; with `boolean`, all false values. */
function isKept(value: unknown, args: BoundArguments): boolean {
  return isPresent(value) && value !== null && (!flagArgument(args, 'boolean') || isTruthy(value))
}

/** `map('upper')` applies a filter to each item, `map(attribute='name')` reads a field of it. */
function mapAll(value: unknown, args: BoundArguments, machine: RenderMachine): unknown {
  const { attribute, default: other, ...named } = args.named as { readonly [name: string]: unknown }
  const items = toList(value, machine)
  spendSteps(machine, items.length)
  if (args.filter === undefined) {
    if (attribute === undefined) return failAtNode(machine, 'expected a filter or attribute=')
    return items.map((item, index) => requireAttribute(item, attribute, other, index, machine))
  }
  const name = printValue(args.filter, machine)
  const filter = filterOf(name, machine)
  const more = attribute === undefined ? named : { ...named, attribute }
  const bound = bindArguments(name, filter, args.arguments as readonly unknown[], Object.entries(more), machine)
  machine.operation = name
  return items.map((item, index) => {
    const made = useValue(filter.apply(item, bound, machine), machine)
    return made === undefined ? failAtNode(machine, `item ${index + 1} has no such value`) : made
  })
}

function filterOf(name: string, machine: RenderMachine): Filter {
  return operationOf(FILTERS, name) ?? failAtNode(machine, `unknown filter \`${name}\``, unknownFilterHint(name).hint)
}
