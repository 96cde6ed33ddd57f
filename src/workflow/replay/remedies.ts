import type { RecordedOperation } from './history.ts'
import { nameIn } from './ids.ts'
import type { WorkflowOperation } from './operation.ts'

/** An operation, as a message names it. */
export type FoundOperation = Pick<WorkflowOperation, 'type' | 'id' | 'at'>

/** A run whose code does not fit: the operation that it has recorded, and the one that the code begins instead. */
export type Mismatch = {
  readonly run: string
  readonly version: number
  readonly recorded: RecordedOperation
  readonly found?: FoundOperation
}

/** The ways on for a run whose code does not fit, a line for each, with its exact code or command. */
export function remediesOf({ run, version, recorded: [type, id, was], found }: Mismatch): string {
  const [before, now] = [nameIn(id), found && nameIn(found.id)]
  const isRename = found?.type === type && now !== before && !id.includes('#')
  const place = found?.at === undefined ? '' : ` at ${found.at}`
  return [
    'To let it go on, write one of these, or give the old code back:',
    ...(isRename ? [`- it has another name: ctx.renamed('${before}', '${now}') at the beginning of run`] : []),
    `- it is gone: await ctx.dropped('${before}') in its place${was === undefined ? '' : `, which was ${was}`}`,
    ...(found
      ? [
          `- a line is new: if (ctx.patched('new-${now}')) in front of it${place}`,
          `- lines have another order: if (ctx.patched('new-order')) …, and after else the old order`,
        ]
      : [`- only old runs need it: if (!ctx.patched('no-${before}')) in front of it`]),
    `- keep the old function beside the new one: version: ${version} for the old one, version: ${version + 1} for the new one`,
    `- go on as a new run that keeps what fits: antiphon fork ${run}`,
    `- end it: antiphon cancel ${run}`,
  ].join('\n')
}
