import { TerminalError } from '../errors.ts'
import type { Effects } from '../kernel/types.ts'

/** That an owner has agreed to share the prompts of its asks. `at`: since when, ms since the epoch. */
export type Agreement = { readonly at: number }

export const agreementPart = (owner: string): string => `agreed/${owner}`

/** The agreement of an owner; undefined: it has not agreed, or no longer does. */
export const agreementOf = async (owner: string, effects: Effects): Promise<Agreement | undefined> =>
  (await effects.part(agreementPart(owner))) as Agreement | undefined

/** The error where antiphon.yaml does not allow sharing. */
export const sharingOff = () =>
  new TerminalError('Prompts are not shared here.', {
    code: 'sharing_off',
    hint: 'To allow it: ledger: { sharing: public } in antiphon.yaml',
  })
