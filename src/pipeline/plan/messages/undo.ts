import type { Problem } from '../../../errors.ts'

/** The step of a run that takes back what its other steps did. */
export const UNDO = 'undo'

/** How steps were taken back; `last`: there are no more. */
export type Undone = { readonly type: 'undone'; readonly steps: readonly TakenBack[]; readonly last: boolean }
export type TakenBack = { readonly step: string; readonly undone: boolean; readonly problem?: Problem }
