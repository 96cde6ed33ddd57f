import type { CompiledForm } from '../prompt/prompt-form.ts'
import { type RenderedPrompt, renderTask } from '../prompt/task.ts'
import { allDocuments } from './files.ts'
import type { ModelRequest } from './request.ts'

type ModelMessage = { readonly role: 'system' | 'user'; readonly text: string }

/** The prompt of a request, in the model's form. Pure: the same request always gives the same prompt. */
export function renderRequest(request: ModelRequest, form?: Pick<CompiledForm, 'render'>): RenderedPrompt {
  return (form?.render ?? renderTask)({ ...request, documents: allDocuments(request) })
}

/** The messages of a request as text. Files other than texts accompany them. */
export function toModelMessages(request: ModelRequest, form?: Pick<CompiledForm, 'render'>): readonly ModelMessage[] {
  const { system, prompt } = renderRequest(request, form)
  return [...(system ? [{ role: 'system' as const, text: system }] : []), { role: 'user', text: prompt }]
}
