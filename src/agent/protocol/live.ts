/**
 * An event for the present followers of a goal while its model answers a round. It is not stored. `at` is the number of
 * characters of the round's text before this piece.
 */
export type GoalDelta =
  | { readonly type: 'text-delta'; readonly round: number; readonly text: string; readonly at: number }
  /** the text begins again at 0 */
  | { readonly type: 'text-restart'; readonly round: number; readonly reason: string }

/** An event of a goal as the followers of its conversation get it. */
export type ConversationDelta = GoalDelta & { readonly goal: string }

/** The topic of the volatile events of a conversation. No id of other work can be equal: it has a control character. */
export const conversationTopic = (thread: string): string => `conversation\n${thread}`
