import type { Problem } from '../../../errors.ts'

/** How steps were taken back; `last`: there are no more. */
export type Undone = { readonly type: 'undone'; readonly steps: readonly TakenBack[]; readonly last: boolean }
export type TakenBack = { readonly step: string; readonly undone: boolean; readonly problem?: Problem }
