import { InvalidError } from '../errors.ts'

/** Characters of a goal that is not a message of a conversation. */
export const MAX_GOAL_CHARACTERS = 32_000

/** Characters of a text that a goal takes between two rounds. A longer message of a conversation waits for its turn. */
export const MAX_TELL_CHARACTERS = 4000

export const MAX_MESSAGE_CHARACTERS = 128 * 1024

/** Characters of its JSON: actors take no larger messages. */
const MAX_MESSAGE_JSON = 208 * 1024

/** @throws an error of code `too_large` that names the place of a message that is too long */
export function checkMessageSize(text: string, path: string): void {
  const isLong = text.length > MAX_MESSAGE_CHARACTERS
  const [most, size, of] = isLong
    ? [MAX_MESSAGE_CHARACTERS, text.length, 'characters']
    : [MAX_MESSAGE_JSON, JSON.stringify(text).length, 'characters of JSON']
  if (size <= most) return
  throw new InvalidError(`${path}: expected a message of at most ${most} ${of}, got ${size}.`, {
    code: 'too_large',
    place: { path },
    hint: 'Send it in several messages.',
  })
}
