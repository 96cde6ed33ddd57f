import type { Json } from '../../kernel/schema.ts'
import { standardJsonSchema } from '../../lib/json/standard-json-schema.ts'
import type { WorkflowList } from '../definition/workflow-list.ts'
import type { WorkflowSummary } from './contract.ts'

/** The workflows of a program. `runs.start({ workflow, input })` starts a run of one. */
export interface WorkflowsPort {
  /** Lists them by name, with the JSON Schemas of their inputs. */
  list(): Promise<readonly WorkflowSummary[]>
}

/** The needs of workflows: those that the program has. */
export type WorkflowNeeds = { readonly workflows: WorkflowList }

export function openWorkflows({ workflows }: WorkflowNeeds): WorkflowsPort {
  return {
    async list() {
      return workflows.names.map((name) => {
        const { description, input } = workflows.newest(name)!
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
