/** Cancels a run and undoes its steps before it ends. The run must be undoable. */
export type UndoRun = { readonly type: 'undo-run'; readonly reason: string }

/**
 * Undoes the finished steps of a run that has ended. Only the goal that the run belongs to may ask. The reply is an
 * `UndoEnd`; a run that has undone its steps before undoes nothing.
 */
export type UndoEndedRun = { readonly type: 'undo'; readonly goal: string }

/** The reply to `UndoEndedRun`: how many steps were undone, and how many could not be. */
export type UndoEnd = { readonly type: 'undo-end'; readonly undone: number; readonly failed: number }

/** Asks an ended run to delete itself with all its data. It replies whether it did. */
export type Expire = { readonly type: 'expire' }

/** Asks a run to reply when it has taken all messages before this one, such as its cancellation. */
export type Look = { readonly type: 'look' }

/** The goal of an agent below the run waits for a person. */
export type ChildGoalWait = { readonly type: 'goal-wait'; readonly goal: string; readonly title: string }

/** Asks a run to tell its caller, now and from now on, of each step that ends and of each wait. */
export type WatchRun = { readonly type: 'watch' }

/** The note to the caller of a watched run: a step has ended, or waits. */
export type WatchedProgress = { readonly type: 'run-progress' }
