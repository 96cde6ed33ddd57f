/**
 * An event for the present followers of a goal while its model answers a round. It is not stored. `at` is the number of
 * characters of the round's text before this piece.
 * `message`: that whose reply the round belongs to; absent: that for which the goal began. An empty piece at 0 says
 * that the round begins.
 */
export type GoalDelta = { readonly round: number; readonly message?: number } & (
  | { readonly type: 'text-delta'; readonly text: string; readonly at: number }
  // the text begins again at 0
  | { readonly type: 'text-restart'; readonly reason: string }
)

/** An event of a goal as the followers of its conversation get it. */
export type ConversationDelta = GoalDelta & { readonly goal: string }

/** The topic of the volatile events of a conversation. No id of other work can be equal: it has a control character. */
export const conversationTopic = (thread: string): string => `conversation\n${thread}`
