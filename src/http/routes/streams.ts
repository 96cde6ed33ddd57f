import type { Told } from '../route.ts'

/** The header by which a client that lost its connection says what it has. */
export const LAST_EVENT = 'last-event-id'

/** The type of an answer that goes on. */
export const EVENT_STREAM = 'text/event-stream'

/** The answer of a stream of events. */
export function events(about: string): Told<never> {
  return {
    about: `${about}; after a connection was lost the header ${LAST_EVENT} goes on after that number`,
    type: EVENT_STREAM,
  }
}
