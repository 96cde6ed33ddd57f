/** Apart from their schemas, because a program that only defines an agent loads no zod. */

/** Seconds that one attempt at a call may take at most. */
export const MAX_CALL_SECONDS = 86_400

/** Attempts at a call after the first at most. */
export const MAX_CALL_RETRIES = 100

/** Tools that a list of calls to approve may name, and the characters of a name. */
export const MAX_APPROVED = 1000
export const MAX_TOOL_NAME = 200

/** Characters of a condition of such a list. */
export const MAX_CONDITION = 2000

/** The name of an environment of the caller. A colon would name the environment of another owner. */
export const OWN_ENVIRONMENT = /^[A-Za-z0-9_][\w.-]{0,99}$/
export const OWN_ENVIRONMENT_EXPECTED = 'expected letters, digits, dots, hyphens and underscores'
