import type { EventForms } from '../../engine/libsql/event-forms.ts'
import { shortEvent, wholeEvent } from '../../pipeline/short-event.ts'

/** How a file has the events of the actors that are ours. */
export const EVENT_FORMS: EventForms = new Map([['run', { short: shortEvent, whole: wholeEvent }]])
