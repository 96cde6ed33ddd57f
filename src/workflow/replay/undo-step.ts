const SUFFIX = '#undo'

/** The step that undoes another one. No operation has such an id. */
export const undoStepOf = (id: string): string => `${id}${SUFFIX}`

/** The step that a step undoes; undefined: it undoes none. */
export const undoneBy = (id: string): string | undefined =>
  id.endsWith(SUFFIX) ? id.slice(0, -SUFFIX.length) : undefined
