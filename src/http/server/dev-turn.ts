// of the whole process: a program may import another copy of this package
const TURN = Symbol.for('antiphon.dev')
const shared = globalThis as { [TURN]?: (data: string) => Promise<void> }

/** Lets programs of this process wait before they open a data folder, as `antiphon dev` does. */
export function takeTurns(turn: (data: string) => Promise<void>): void {
  shared[TURN] = turn
}

/** Whether this process is a version of `antiphon dev`. */
export const takesTurns = (): boolean => shared[TURN] !== undefined

/** Waits until the version before has stopped, if this process is a version of `antiphon dev`. */
export const waitForTurn = async (data: string): Promise<void> => shared[TURN]?.(data)
