/** A pipeline is refused, and more is wrong with it than anybody reads: no more is looked for. */
export class Enough extends Error {}

/** What an action comes to; undefined where there was enough to tell before its end. */
export function unlessEnough<T>(act: () => T): T | undefined {
  try {
    return act()
  } catch (error) {
    if (!(error instanceof Enough)) throw error
    return undefined
  }
}
