import type { ThreadSummary } from '../../src/client.ts'
import { counted, formatMoment } from '../lib/format.ts'
import { href } from '../lib/router.ts'
import { may } from '../lib/server.ts'
import { ShowMore, Status } from '../parts/basics.tsx'

/** What else is known of a conversation: the goal that it began with, and whether it waits for a person. */
type Known = { readonly goal?: string | undefined; readonly agent?: string | undefined; readonly isHeld?: boolean }

/** The name of a thread with its owner, as some documents write it, and others do not for the caller's own threads. */
export const wholeName = (name: string | undefined, owner: string): string | undefined =>
  name === undefined || name.startsWith(`${owner}:`) ? name : `${owner}:${name}`

type Props = {
  readonly threads: readonly ThreadSummary[]
  known?(thread: ThreadSummary): Known
  /** shows more of them; absent: these are all */
  readonly more: (() => void) | undefined
}

export function ThreadRows({ threads, known = () => ({}), more }: Props) {
  return (
    <>
      <ul class="rows">
        {threads.map((thread) => {
          const { id, name, owner, status, asked, startedAt, updatedAt } = thread
          const { goal, agent, isHeld } = known(thread)
          const title = name ?? goal
          return (
            <li key={id} class="row need">
              <a class="cell main" href={href(['threads', id])}>
                <Status of={isHeld ? 'waiting' : status} quiet />
                <span class="names">
                  <span class="name">{title ?? id}</span>
                  {title && <span class="id">{id}</span>}
                </span>
              </a>
              <span class="cell quiet">
                {agent && `with ${agent} · `}
                {counted(asked, 'message')}
                {updatedAt > startedAt && `, the last ${formatMoment(updatedAt)}`}
                {isHeld && ' · waits for a person'}
                {may('read') && owner !== 'local' && ` · ${owner}`}
              </span>
              <span class="cell num quiet">{formatMoment(startedAt)}</span>
            </li>
          )
        })}
      </ul>
      {more && <ShowMore more={more} />}
    </>
  )
}
