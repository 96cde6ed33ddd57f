import type { LoopSpec, StepSpec } from '../spec.ts'
import { readNumber } from './policies.ts'
import { complain, type Reader, readSteps } from './step.ts'

/** How many iterations of a loop may be in flight, how many steps its body may have in all, and how many loops may lie in each other. */
export const CEILING = { parallel: 1000, body: 64, depth: 8 } as const

/** The loop of a step with `for_each:`: its body is `steps:`, or the step's own action under the step's own id. */
export function readLoop(spec: StepSpec, reader: Reader): LoopSpec {
  const { id, step, path } = reader
  const maxParallel = readNumber(reader, 'max_parallel', 1, CEILING.parallel) ?? 1
  const list = step.for_each!
  if (typeof list === 'number' || typeof list === 'boolean' || list === null) {
    complain(reader, 'bad_value', 'for_each', '`for_each:` is a list, or a template that yields one')
  }
  return {
    list,
    path: [...path, 'for_each'],
    maxParallel,
    variable: readVariable(reader),
    name: typeof step.loop_name === 'string' ? step.loop_name : id,
    body: step.steps === undefined ? shorthand(spec, reader) : readBody(spec, reader),
  }
}

function readVariable(reader: Reader): string {
  const value = reader.step.loop_var ?? 'item'
  const name = typeof value === 'string' ? value.replace(/^\$/, '') : ''
  if (/^[a-zA-Z_][a-zA-Z0-9_]{0,99}$/.test(name)) return name
  complain(reader, 'bad_value', 'loop_var', '`loop_var:` is a name of letters, digits and _')
  return 'item'
}

function readBody(spec: StepSpec, reader: Reader): readonly StepSpec[] {
  const { step, path, report, depth } = reader
  for (const key of ['tool', 'action', 'parameters'].filter((key) => step[key] !== undefined)) {
    complain(reader, 'loop_conflict', key, `a loop has \`steps:\` or an action of its own, not both`)
  }
  for (const key of ['timeout', 'retry', 'max_retries', 'effect'].filter((key) => step[key] !== undefined)) {
    complain(
      reader,
      'not_supported',
      key,
      `\`${key}:\` of a whole loop is not supported`,
      'give it to the steps in its body',
    )
  }
  if (depth === CEILING.depth) {
    complain(reader, 'too_large', 'steps', `more than ${CEILING.depth} loops in each other`)
    return []
  }
  const body = Array.isArray(step.steps) ? readSteps(step.steps, [...path, 'steps'], report, depth + 1) : []
  const size = sizeOf(body)
  if (size > 0 && size <= CEILING.body) return body
  const counted = 'those of loops in it counted'
  if (!Array.isArray(step.steps) || size > 0 || step.steps.length === 0)
    complain(
      reader,
      'loop_body_missing',
      'steps',
      `the body of loop \`${spec.id}\` is a list of 1 to ${CEILING.body} steps, ${counted}`,
    )
  return []
}

function sizeOf(body: readonly StepSpec[]): number {
  return body.reduce((sum, { loop }) => sum + 1 + sizeOf(loop?.body ?? []), 0)
}

function shorthand(spec: StepSpec, reader: Reader): readonly StepSpec[] {
  if (spec.tool !== undefined || spec.action !== undefined) {
    const { condition: _, dependencies: __, routes, onFailure, ...body } = spec
    // where to go on, and what not to do then, is said of the loop
    const goesOn = onFailure === 'continue' && !routes.some(({ on }) => on === 'failure')
    return [{ ...body, dependencies: [], routes: [], onFailure: goesOn ? 'continue' : 'fail' }]
  }
  complain(
    reader,
    'loop_body_missing',
    'for_each',
    `loop \`${spec.id}\` has no body`,
    'give it steps:, or a tool: or action: of its own',
  )
  return []
}
