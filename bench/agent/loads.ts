/** So many goals at once. Each goal has `ROUNDS` rounds. */
export type GoalLoad = { readonly goals: number }

/** The rounds of a goal in which the model calls the tool once. The answer follows them. */
export const ROUNDS = 10

/** The load of that name, such as `goals-32`; undefined when the name is of another kind. */
export function findGoalLoad(name: string): GoalLoad | undefined {
  const [, goals] = /^goals-(\d+)$/.exec(name) ?? []
  return goals === undefined ? undefined : { goals: Number(goals) }
}
