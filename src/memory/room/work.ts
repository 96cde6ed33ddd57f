import { isSameSource, notOwn } from '../limits.ts'
import type { Cause } from '../memory.ts'
import type { MemoryRecord, RecordSource } from '../record.ts'
import { isWithin } from '../space.ts'

/** The source of records that a run writes, and its rights in the memory of its owner. */
export type MemoryWork = {
  readonly source: RecordSource
  readonly cause: Cause
  /** ms since the epoch: a forgetting after it wins */
  readonly begunAt: number
  /** of calls that a model chose; absent: the author of a pipeline did */
  readonly model?: ModelSpaces
}

/** The spaces of a model. One without an agent has none of its own. */
type ModelSpaces = {
  readonly own?: string
  /** spaces that it does not see, except those in `reads` */
  readonly hidden: readonly string[]
  readonly reads?: string
  /** spaces of the operator that it may search */
  readonly shared?: readonly string[]
}

export const seesSpace = ({ model }: Pick<MemoryWork, 'model'>, space: string): boolean =>
  !isHidden(model, space) || isOwn(space, model?.reads)

const isHidden = (model: ModelSpaces | undefined, space: string): boolean =>
  model?.hidden.some((hidden) => hidden === ALL_SPACES || isWithin(space, hidden)) ?? false

/** The root: every space is below it. */
export const ALL_SPACES = ''

const isOwn = (space: string, own: string | undefined) => own !== undefined && isWithin(space, own)

/** The space to which the work writes. @throws an error `not_own` for the space of another agent or conversation */
export function writtenSpace({ model }: Pick<MemoryWork, 'model'>, space: string | undefined): string | undefined {
  if (!model) return space
  if (space === undefined || isOwn(space, model.own)) return space ?? model.own
  if (!isHidden(model, space)) return space
  throw notOwn(
    `A model cannot write to the space ${space}, which belongs to another agent or conversation.`,
    model.own === undefined ? 'Leave the space out.' : `Leave the space out: its own one is ${model.own}.`,
  )
}

/** @throws an error `not_own` for a record that the work may not forget */
export function checkForget({ source, model }: MemoryWork, record: MemoryRecord): void {
  if (isSameSource(source, record.source) && (!model || isOwn(record.space, model.own))) return
  throw notOwn(
    `The record ${record.id} comes from another source (${record.source.type}), so this work cannot forget it.`,
    `A person can: antiphon memory forget ${record.id}`,
  )
}
