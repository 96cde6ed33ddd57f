/** Characters of a goal that is not a message of a conversation. */
export const MAX_GOAL_CHARACTERS = 32_000

/** Characters of a text that a goal takes between two rounds. A longer message of a conversation waits for its turn. */
export const MAX_TELL_CHARACTERS = 4000

/** Characters of a message of a conversation. */
export const MAX_MESSAGE_CHARACTERS = 256 * 1024
