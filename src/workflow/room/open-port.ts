import type { Json } from '../../kernel/schema.ts'
import { standardJsonSchema } from '../../lib/json/standard-json-schema.ts'
import type { Workflow } from '../definition/workflow-value.ts'
import type { WorkflowSummary } from './contract.ts'

/** The workflows of a program. `runs.start({ workflow, input })` starts a run of one. */
export interface WorkflowsPort {
  /** Lists them by name, with the JSON Schemas of their inputs. */
  list(): Promise<readonly WorkflowSummary[]>
}

/** The needs of workflows: those that the program has. */
export type WorkflowNeeds = { readonly workflows: ReadonlyMap<string, Workflow> }

export function openWorkflows({ workflows }: WorkflowNeeds): WorkflowsPort {
  return {
    async list() {
      const named = [...workflows.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
      return named.map(({ name, description, input }) => {
        const schema = standardJsonSchema(input, 'input')
        return {
          name,
          ...(description !== undefined && { description }),
          ...(schema && { input: schema as Json }),
        }
      })
    },
  }
}
