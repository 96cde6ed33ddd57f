import { BUILTIN_FUNCTIONS, FILTERS } from '../../../../template/template.ts'
import { didYouMean } from '../../diagnostics/did-you-mean.ts'
import type { Mention } from './mentions.ts'
import { type ReferenceContext, reporterAt } from './name-finding.ts'

type TemplateFunction = {
  /** names in order; one with `?` is optional */
  readonly parameters: readonly string[]
  /** its result, in one sentence */
  readonly does: string
  /** it has a value only inside the body of a loop */
  readonly inLoop?: true
  /** what to write instead, for a function that exists only for old pipelines */
  readonly instead?: string
}

/** All these functions by name. The compiler checks the calls in templates against this table. */
export const TEMPLATE_FUNCTIONS: { readonly [name: string]: TemplateFunction } = {
  now: {
    parameters: [],
    does: 'The start time of the run: the same in all steps and in every replay.',
    instead: 'execution.timestamp',
  },
  include_file: {
    parameters: ['path', 'base_dir?'],
    does: 'The text of a file; undefined if it does not exist. Only files that tools may read.',
  },
  file_exists: {
    parameters: ['path', 'base_dir?'],
    does: 'Whether a file or folder exists. Only where tools may read.',
  },
  loop_var: {
    parameters: ['loop', 'name'],
    does: 'A variable of an enclosing loop, by the id or name of the loop.',
    inLoop: true,
  },
  loop_item_at: {
    parameters: ['loop', 'index'],
    does: 'An item of the list of an enclosing loop.',
    inLoop: true,
  },
  current_loop_name: { parameters: [], does: 'The name of the innermost loop.', inLoop: true },
  active_loops: { parameters: [], does: 'The names of all enclosing loops, outermost first.', inLoop: true },
}

/** Describes a wrong number of arguments; undefined when they fit. */
function arityProblem({ parameters }: TemplateFunction, given: number): string | undefined {
  const needed = parameters.filter((name) => !name.endsWith('?')).length
  if (given >= needed && given <= parameters.length) return undefined
  const most = parameters.length
  const count = needed === most ? `${most}` : `${needed} to ${most}`
  return `expects ${most === 0 ? 'no' : count} argument${most === 1 ? '' : 's'}, got ${given}`
}

const UNSUPPORTED_FUNCTIONS = ['historical_loops']
const ENDED_LOOP_HINT = 'Read a completed loop by its id, as in `{{ each.results }}`.'

/** Functions of other languages, with what to write in antiphon. */
const FOREIGN_FUNCTION_HINTS: ReadonlyMap<string, string> = new Map([
  ['exists', 'write name is defined; for a file it is file_exists(path)'],
  ['isset', 'write name is defined'],
  ['defined', 'write name is defined'],
  ['empty', 'an empty value is false: write not name'],
  ['contains', "write 'part' in text"],
  ['enumerate', 'iterate over the list itself; loop.index0 is the index in a {% for %}'],
  ['isinstance', 'write value is string, is number, is list or is mapping'],
  ['type', 'write value is string, is number, is list or is mapping'],
  ['open', 'write include_file(path)'],
  ['print', 'remove it: {{ }} prints its value'],
  ['reversed', 'write value | reverse'],
])

export function isTemplateFunction(name: string): boolean {
  return (
    [TEMPLATE_FUNCTIONS, BUILTIN_FUNCTIONS].some((functions) => Object.hasOwn(functions, name)) ||
    UNSUPPORTED_FUNCTIONS.includes(name)
  )
}

/** Reports a call of something that is no function, a call with wrong arguments, or a call in the wrong place. */
export function checkCall(mention: Mention, around: ReferenceContext): undefined {
  const { name } = mention
  const report = reporterAt(mention, around)
  const global = Object.hasOwn(TEMPLATE_FUNCTIONS, name) ? TEMPLATE_FUNCTIONS[name] : undefined
  if (!global) return refuseCall(name, report)
  const problem = arityProblem(global, mention.arguments ?? 0)
  if (problem)
    return report('global_wrong_arity', `\`${name}()\` ${problem}`, `it is ${name}(${global.parameters.join(', ')})`)
  if (global.inLoop && !around.levels.some(({ loop }) => loop))
    return report('loop_variable_outside_loop', `\`${name}()\` has a value only in the body of a loop`)
  if (global.instead) return report('deprecated_now', `\`${name}()\` is deprecated`, `Write \`${global.instead}\`.`)
  return undefined
}

function refuseCall(name: string, report: ReturnType<typeof reporterAt>): undefined {
  if (UNSUPPORTED_FUNCTIONS.includes(name))
    return report('not_supported', `the function \`${name}()\` is not supported`, ENDED_LOOP_HINT)
  const asFilter = Object.hasOwn(FILTERS, name) ? `It is a filter: write \`value | ${name}\`.` : undefined
  const known = [...Object.keys(TEMPLATE_FUNCTIONS), ...Object.keys(BUILTIN_FUNCTIONS)]
  const hint = FOREIGN_FUNCTION_HINTS.get(name) ?? asFilter ?? didYouMean(name, known)
  return report('undefined_variable', `there is no function \`${name}\``, hint)
}
