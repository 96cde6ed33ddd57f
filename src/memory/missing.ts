import { NotFoundError, TerminalError } from '../errors.ts'

/** The error for a record that does not exist, or no longer. */
export const noRecord = (id: string) => new NotFoundError(`There is no record ${id} in this memory.`)

/** The error for a change that does not exist. */
export const noChange = (change: number) => new NotFoundError(`There is no change ${change} in this memory.`)

/** The error for a record that cannot be read. */
export const damagedRecord = (id: string, reason: string) =>
  new TerminalError(`The record ${id} cannot be read: ${reason}.`, {
    code: 'record_quarantined',
    hint: 'No search and no list contains it. To erase it: antiphon memory forget ID',
  })

/** The error for a proposal that does not exist, or was decided. */
export const noProposal = (id: string) => new NotFoundError(`There is no proposed fact ${id} in this memory.`)

/** The error for an import that cannot go on. */
export const noImport = (change: number) =>
  new NotFoundError(`Change ${change} of this memory is not an import that can go on.`)

/** The lack of a search while the encoder has read a part of the records. */
export const partlyRead = (coverage: number): string =>
  `the meaning of only ${Math.floor(coverage * 100)} % of the records is known yet; the others were found by words. A server makes the rest in the background: antiphon serve`

/** The error for a write that would restore a record that was forgotten meanwhile. */
export const forgotten = () =>
  new TerminalError('The record was forgotten after the work that writes it began, so it is not added.', {
    code: 'forgotten',
  })

/** The error for an export whose records were erased before its end. */
export const erasedMeanwhile = () =>
  new TerminalError('Records were erased while the export ran, so it is not whole.', {
    code: 'erased_meanwhile',
    hint: 'Export again.',
  })
