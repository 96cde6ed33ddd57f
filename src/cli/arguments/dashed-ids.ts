/**
 * Ids of messages are hashes in base64url, and one in 64 begins with a dash. The parser of the command line would take
 * such an id for an option. So it gets the id behind a character that no argument can contain, and each value is freed
 * of this character before a command sees it.
 */
const SHIELD = '\0'

/** The id of a message that begins with a dash. No option has a capital, a digit or an underscore in its name. */
const DASHED_ID = /^(?=.*[A-Z0-9_])-[A-Za-z0-9_-]{21}(\.\d+)?$/

/** An argument as the parser gets it. */
export const shieldId = (given: string) => (DASHED_ID.test(given) ? SHIELD + given : given)

/** The values of arguments and of a map of options, as they were typed. */
export function unshield(value: unknown): unknown {
  if (typeof value === 'string') return value.startsWith(SHIELD) ? value.slice(SHIELD.length) : value
  if (Array.isArray(value)) return value.map(unshield)
  // not the parsed command, which is an instance of a class
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, unshield(each)]))
}
