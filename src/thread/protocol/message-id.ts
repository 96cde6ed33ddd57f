import { OF_MESSAGE } from '../../house/common-fields.ts'

/** The id of the work on a message, unique everywhere. The id of the message itself belongs to its conversation. */
export const workOfMessage = (conversation: string, id: string): string => `${conversation}${OF_MESSAGE}${id}`

/** The id of an ask on its thread, by the id of its work. A question has one id for both. */
export function askIdOf(thread: string, work: string): string {
  const before = workOfMessage(thread, '')
  return work.startsWith(before) ? work.slice(before.length) : work
}
