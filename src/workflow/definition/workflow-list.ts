import { InvalidError } from '../../errors.ts'
import { isWorkflow, type Workflow } from './workflow-value.ts'

/** The workflows of a program, by name and version. */
export type WorkflowList = {
  /** all of them by name, the highest version of a name first */
  readonly all: readonly Workflow[]
  readonly names: readonly string[]
  /** The highest version, which new runs take. */
  newest(name: string): Workflow | undefined
  /** The version that a run began with. */
  find(name: string, version: number | undefined): Workflow | undefined
}

/** Orders the workflows of a program. InvalidError when one is no workflow, or two have one name and version. */
export function listWorkflows(given: readonly Workflow[] = []): WorkflowList {
  // a program without types may give anything
  if (!Array.isArray(given)) throw wrong('workflows', 'Expected a list of workflows made by defineWorkflow.')
  const named = new Map<string, Workflow[]>()
  for (const [index, workflow] of given.entries()) {
    if (!isWorkflow(workflow)) throw wrong(`workflows[${index}]`, 'Expected a workflow made by defineWorkflow.')
    const { name, version } = workflow
    const versions = named.get(name) ?? []
    if (versions.some((one) => one.version === version))
      throw wrong(`workflows[${index}]`, `There are two workflows ${name} of version ${version}.`)
    named.set(
      name,
      [...versions, workflow].sort((a, b) => b.version - a.version),
    )
  }
  const names = [...named.keys()].sort()
  return {
    names,
    all: names.flatMap((name) => named.get(name)!),
    newest: (name) => named.get(name)?.[0],
    find: (name, version = 1) => named.get(name)?.find((one) => one.version === version),
  }
}

const wrong = (path: string, message: string) =>
  new InvalidError(message, { place: { path }, hint: 'Write for example workflows: [order].' })
