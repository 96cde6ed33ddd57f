import type { Work } from '../plan/compiled.ts'
import { ACTIONS } from '../step/model-call/text-action.ts'

/** What does a step: the operation of a tool, or an action that needs none. */
export function namesOf(work: Work): { readonly action: string; readonly tool: string | null } {
  switch (work.type) {
    case 'tool':
      return { action: work.operation ?? work.tool, tool: work.tool }
    case 'ask': {
      const [tool, action] = work.tool.split(':') as [string, string?]
      return { action: action ?? tool, tool }
    }
    case 'text':
      return { action: ACTIONS[work.action], tool: null }
    case 'decide':
      return { action: 'evaluate_condition', tool: null }
    case 'loop':
      return { action: work.kind === 'queue' ? 'create_parallel_queue' : work.kind, tool: null }
    default:
      return { action: work.type, tool: null }
  }
}
