import type { CompiledForm } from '../prompt/prompt-form.ts'
import { type RenderedPrompt, renderTask } from '../prompt/task.ts'
import { allDocuments } from './files.ts'
import type { ModelRequest } from './request.ts'

/** A message as a model gets it. */
export type ModelMessage = { readonly role: 'system' | 'user'; readonly text: string }

/** What a request says to a model, in its form; pure: the same request is always told in the same words. */
export function renderRequest(request: ModelRequest, form?: Pick<CompiledForm, 'render'>): RenderedPrompt {
  return (form?.render ?? renderTask)({ ...request, documents: allDocuments(request) })
}

/** The messages of a request, as text. Files other than texts go along beside them. */
export function toModelMessages(request: ModelRequest, form?: Pick<CompiledForm, 'render'>): readonly ModelMessage[] {
  const { system, prompt } = renderRequest(request, form)
  return [...(system ? [{ role: 'system' as const, text: system }] : []), { role: 'user', text: prompt }]
}
