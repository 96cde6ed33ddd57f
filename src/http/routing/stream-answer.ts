import type { Told } from './route.ts'

/** The header by which a client that lost its connection says what it has. */
export const LAST_EVENT = 'last-event-id'

/** The type of an answer that goes on. */
export const EVENT_STREAM = 'text/event-stream'

/** What is said of the answer to who has all events of what is over. */
export const OVER = 'it is over, and nothing comes after that number: an EventSource stops'

/** The answer of a stream of events; `over`: what is said with 204. */
export function events(about: string, over?: string): Told<never> {
  return {
    about: `${about}; after a connection was lost the header ${LAST_EVENT} goes on after that number`,
    type: EVENT_STREAM,
    ...(over !== undefined && { over }),
  }
}
