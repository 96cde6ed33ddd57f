/** Stands between a conversation and the id of a message. Neither keys of conversations nor given ids contain it. */
const MESSAGE = '#message:'

/** The id of the work on a message, unique everywhere. The id of the message itself belongs to its conversation. */
export const workOfMessage = (conversation: string, id: string): string => `${conversation}${MESSAGE}${id}`

/** Whether an id looks like that of the work on a message: a caller that takes it could block this message. */
export const isWorkOfMessage = (id: string): boolean => id.includes(MESSAGE)

/** The id of an ask on its thread, by the id of its work. Questions and messages of older versions have one id. */
export function askIdOf(thread: string, work: string): string {
  const before = workOfMessage(thread, '')
  return work.startsWith(before) ? work.slice(before.length) : work
}
