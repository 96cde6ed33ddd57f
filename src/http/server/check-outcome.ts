import type { CodeReport } from '../../agent/room/goals/port.ts'
import type { Problem } from '../../errors.ts'
import type { WorkflowReport } from '../../workflow/check/check-runs.ts'

/** Names the file for the outcome of a check. A program that has it is compared by `start`, and does not work. */
export const CHECK_FILE = 'ANTIPHON_CHECK_CODE'

/** Set for a check of workflows: a file of exported histories, or an empty text for the open runs of the folder. */
export const CHECK_WORKFLOWS = 'ANTIPHON_CHECK_WORKFLOWS'

/** The outcome of a check, as the program leaves it in the file. */
export type CheckOutcome =
  | { readonly status: 'done'; readonly data: string; readonly report: CodeReport }
  | { readonly status: 'workflows'; readonly data: string; readonly report: WorkflowReport }
  | { readonly status: 'failed'; readonly problem: Problem }
