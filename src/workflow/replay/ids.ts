/** The ids of operations, each unique in its run. */
export type OperationIds = {
  /** The id that the next operation of this name gets. */
  next(name: string): string
  /** The id of an operation of this name. */
  take(name: string): string
}

/** Ids: the name, `#2` for its second use, and `@7` in iteration 7 of the run. */
export function createIds(iteration = 0): OperationIds {
  const uses = new Map<string, number>()
  const place = iteration === 0 ? '' : `@${iteration}`
  const next = (name: string) => {
    const used = uses.get(name) ?? 0
    return `${name}${used === 0 ? '' : `#${used + 1}`}${place}`
  }
  return {
    next,
    take(name) {
      const id = next(name)
      uses.set(name, (uses.get(name) ?? 0) + 1)
      return id
    },
  }
}

export const nameIn = (id: string): string => id.replace(/(#\d+)?(@\d+)?$/, '')
