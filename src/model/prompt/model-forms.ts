import { formatModelId, parseModelId } from '../model-id.ts'
import type { CompiledForm, PromptForm } from './prompt-form.ts'

/** The form in which a model is told what to do: the one that is asked for, else its own; undefined for the usual one. */
export type PromptForms = (id: string, asked: PromptForm | undefined) => Promise<CompiledForm | undefined>

type ModelWithForm = { readonly id: string; readonly form?: PromptForm }

/** The forms of models; templates are read when they are used first. */
export function createPromptForms(entries: readonly ModelWithForm[] = []): PromptForms {
  const own = new Map(entries.flatMap(({ id, form }) => (form ? [[formatModelId(parseModelId(id)), form]] : [])))
  const ready = new WeakMap<PromptForm, CompiledForm>()
  return async (id, asked = own.get(id)) => {
    if (asked === undefined) return undefined
    const { compileForm } = await import('./prompt-form.ts')
    const made = ready.get(asked) ?? compileForm(asked)
    ready.set(asked, made)
    return made
  }
}
