import { clip } from '../../lib/clip.ts'
import { toModelMessages } from '../../model/request/messages.ts'
import type { StepParameters } from '../../step/record/outcome.ts'
import type { WorkflowPrompt } from '../definition/context.ts'

/** Characters of a text, and documents, that are stored with the reply. */
const MAX_TEXT = 64 * 1024
const MAX_DOCUMENTS = 20

type Given = Pick<WorkflowPrompt, 'prompt' | 'system' | 'documents'>

/** The prompt of `ctx.generate` as it is stored for readers of the run. Long texts are cut. */
export function shownPrompt({ prompt, system, documents = [] }: Given): StepParameters {
  return {
    prompt: clip(prompt, MAX_TEXT),
    ...(system !== undefined && { system: clip(system, MAX_TEXT) }),
    ...(documents.length > 0 && {
      documents: documents.slice(0, MAX_DOCUMENTS).map(({ name, text }) => ({ name, text: clip(text, MAX_TEXT) })),
    }),
  }
}

/** The messages that the model got. */
export function promptOf(stored: StepParameters) {
  const { prompt, system, documents = [] } = stored as Given
  const request = { task: { kind: 'write' as const }, instruction: prompt, documents }
  return [...toModelMessages({ ...request, ...(system !== undefined && { system }) })]
}
