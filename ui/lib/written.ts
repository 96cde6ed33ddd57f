/** A text that a model writes, after a piece of it at an offset. What comes behind a missed piece is not shown. Pure. */
export const writtenOn = (before: string, piece: string, at: number): string =>
  at > before.length ? before : before.slice(0, at) + piece
