import type { WorkPolicy } from '../../step/policy.ts'
import { storeRef, type ValueRef, type ValueStore } from '../../step/values.ts'
import type { CodeWork, OperationCall, OperationStep } from '../replay/operation.ts'

/** The work of a step of a workflow. `of`: the name of the workflow; `terms`: those that are not the usual ones. */
export type WorkflowOrder = {
  readonly of: string
  readonly work: CodeWork | (Omit<OperationCall, 'parameters'> & { readonly parameters: ValueRef })
  readonly terms: Pick<WorkPolicy, 'timeout' | 'backoff'>
}

/** The order of a step. Large values are stored before it names them. */
export async function orderOf(
  { work, policy: { timeout, backoff } }: Pick<OperationStep, 'work' | 'policy'>,
  of: string,
  { values }: { readonly values: ValueStore },
): Promise<WorkflowOrder> {
  const terms = { ...(timeout !== undefined && { timeout }), ...(backoff && { backoff }) }
  if (work.type === 'code') return { of, work, terms }
  return { of, work: { ...work, parameters: await storeRef(values, work.parameters) }, terms }
}
