import { getOrInsert } from '../../lib/collections/get-or-insert.ts'
import { formatModelId, parseModelId } from '../model-id.ts'
import type { CompiledForm, PromptForm } from './prompt-form.ts'

/** The prompt form of a model: the requested one, else its own; undefined for the default form. */
export type PromptForms = (id: string, asked: PromptForm | undefined) => Promise<CompiledForm | undefined>

type ModelWithForm = { readonly id: string; readonly form?: PromptForm }

/** The prompt forms of models; templates are compiled on first use. */
export function createPromptForms(entries: readonly ModelWithForm[] = []): PromptForms {
  const own = new Map(entries.flatMap(({ id, form }) => (form ? [[formatModelId(parseModelId(id)), form]] : [])))
  const ready = new WeakMap<PromptForm, CompiledForm>()
  return async (id, asked = own.get(id)) => {
    if (asked === undefined) return undefined
    const { compileForm } = await import('./prompt-form.ts')
    return getOrInsert(ready, asked, compileForm)
  }
}
