import { InvalidError } from '../../errors.ts'
import { type Json, parse } from '../../kernel/schema.ts'
import { nearestWord } from '../../lib/suggest.ts'
import type { WorkflowList } from '../definition/workflow-list.ts'
import type { Workflow } from '../definition/workflow-value.ts'
import { toJson } from '../operations/stored-value.ts'

/** The workflow that new runs of a name take. InvalidError, with the nearest name, if the program has none. */
export function workflowNamed({ newest, names }: WorkflowList, name: string): Workflow {
  const found = newest(name)
  if (found) return found
  throw unknownWorkflow(name, names)
}

/** The input of a run as the schema of its workflow makes it. InvalidError if it does not fit. */
export async function acceptInput(workflows: WorkflowList, name: string, input: unknown = {}): Promise<Json> {
  return inputFor(workflowNamed(workflows, name), input)
}

/** The input as the schema of a workflow makes it. InvalidError if it does not fit. */
export const inputFor = async ({ input: schema }: Workflow, input: unknown): Promise<Json> =>
  toJson(await parse<unknown>(schema as never, input, 'input'))

function unknownWorkflow(name: string, known: readonly string[]): InvalidError {
  const near = nearestWord(name, known)
  const given = known.length > 0 ? `It has ${known.join(', ')}.` : 'It has none: start({ workflows: [ … ] }).'
  return new InvalidError(`This program has no workflow ${name}.`, {
    code: 'unknown_workflow',
    place: { path: 'workflow' },
    hint: near === undefined ? given : `Did you mean ${near}? ${given}`,
  })
}
