import { formatModelId, parseModelId } from '../model-id.ts'
import type { Form, ReadyForm } from './prompt-form.ts'

/** The form in which a model is told what to do: the one that is asked for, else its own; undefined for the usual one. */
export type Forms = (id: string, asked: Form | undefined) => Promise<ReadyForm | undefined>

type Described = { readonly id: string; readonly form?: Form }

/** The forms of models; templates are read when they are used first. */
export function createForms(entries: readonly Described[] = []): Forms {
  const own = new Map(entries.flatMap(({ id, form }) => (form ? [[formatModelId(parseModelId(id)), form]] : [])))
  const ready = new WeakMap<Form, ReadyForm>()
  return async (id, asked = own.get(id)) => {
    if (asked === undefined) return undefined
    const { readyForm } = await import('./prompt-form.ts')
    const made = ready.get(asked) ?? readyForm(asked)
    ready.set(asked, made)
    return made
  }
}
