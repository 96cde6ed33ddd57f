import { FILTERS, FUNCTIONS } from '../../../../template/template.ts'
import { didYouMean } from '../../diagnostics/did-you-mean.ts'
import { GLOBALS, misfitCall } from './globals.ts'
import type { Mention } from './mentions.ts'
import { complain, type Surroundings } from './name-finding.ts'

const LATER_FUNCTIONS = ['historical_loops']
const ENDED = 'a loop that has ended is read by its id, as in {{ each.results }}'

/** What asks elsewhere what is asked here without a function. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['exists', 'write name is defined; for a file it is file_exists(path)'],
  ['isset', 'write name is defined'],
  ['defined', 'write name is defined'],
  ['empty', 'what is empty is false: write not name'],
  ['contains', "write 'part' in text"],
  ['enumerate', 'go over the list itself: in a {% for %} loop.index0 counts'],
  ['isinstance', 'write value is string, is number, is list or is mapping'],
  ['type', 'write value is string, is number, is list or is mapping'],
  ['open', 'write include_file(path)'],
  ['print', 'leave it out: what stands in {{ }} is printed'],
  ['reversed', 'write value | reverse'],
])

/** Whether a name is that of a function. */
export function isFunction(name: string): boolean {
  return [GLOBALS, FUNCTIONS].some((functions) => Object.hasOwn(functions, name)) || LATER_FUNCTIONS.includes(name)
}

/** Reports a call of something that is no function, or not with these arguments, or not here. */
export function checkCall(mention: Mention, around: Surroundings): undefined {
  const { name } = mention
  const global = Object.hasOwn(GLOBALS, name) ? GLOBALS[name] : undefined
  const problem = global && misfitCall(global, mention.arguments ?? 0)
  if (global && problem)
    return complain(
      mention,
      around,
      'global_wrong_arity',
      `\`${name}()\` ${problem}`,
      `it is ${name}(${global.parameters.join(', ')})`,
    )
  if (global?.inLoop && !around.levels.some(({ loop }) => loop))
    return complain(
      mention,
      around,
      'loop_variable_outside_loop',
      `\`${name}()\` is something only inside the body of a loop`,
    )
  if (global?.instead)
    return complain(mention, around, 'deprecated_now', `\`${name}()\` is old`, `write ${global.instead}`)
  return global ? undefined : refuseCall(mention, around)
}

function refuseCall(mention: Mention, around: Surroundings): undefined {
  const { name } = mention
  if (LATER_FUNCTIONS.includes(name))
    return complain(mention, around, 'not_supported', `the function \`${name}()\` is not supported`, ENDED)
  const asFilter = Object.hasOwn(FILTERS, name) ? `it is a filter: write value | ${name}` : undefined
  const known = [...Object.keys(GLOBALS), ...Object.keys(FUNCTIONS)]
  const hint = ELSEWHERE.get(name) ?? asFilter ?? didYouMean(name, known)
  return complain(mention, around, 'undefined_variable', `there is no function \`${name}\``, hint)
}
