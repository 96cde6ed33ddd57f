import { refOf } from '../../kernel/ref.ts'
import type { Json } from '../../kernel/schema.ts'

/** How events are written of which there are many: `short` says one in fewer words, `whole` what that said; what was written whole stays so. */
export type EventForm = { short(body: Json): Json; whole(written: Json): Json }

/** Forms by the kind of the actors whose events they are; the events of others are written as they were told. */
export type EventForms = ReadonlyMap<string, EventForm>

/** The form of the events of an actor; undefined: they are written as they were told. */
export const formOf = (forms: EventForms, actor: string): EventForm | undefined => forms.get(refOf(actor).kind)

/** The events of an actor as they are written. */
export function shortened(forms: EventForms, actor: string, bodies: readonly Json[]): readonly Json[] {
  const form = formOf(forms, actor)
  return form ? bodies.map(form.short) : bodies
}

/** Events of an actor as they were told, of what was written. */
export function asTold(forms: EventForms, actor: string, written: readonly Json[]): readonly Json[] {
  const form = formOf(forms, actor)
  return form ? written.map(form.whole) : written
}

/** All are written as they were told. */
export const NO_FORMS: EventForms = new Map()
