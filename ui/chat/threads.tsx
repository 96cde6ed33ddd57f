import { useState } from 'preact/hooks'
import type { InboxItem } from '../../src/client.ts'
import { counted, formatMoment } from '../lib/format.ts'
import { now } from '../lib/live.ts'
import { useLoaded } from '../lib/load.ts'
import { may } from '../lib/rights.ts'
import { href } from '../lib/router.ts'
import { client } from '../lib/server.ts'
import { Empty, Shown, Status } from '../parts/basics.tsx'

const PAGE = 50
/** Goals that are asked for, to say what the newest conversations began with. */
const GOALS = 200

/** Conversations with agents, and threads of questions. */
export function Threads() {
  const [size, setSize] = useState(PAGE)
  const threads = useLoaded(`threads ${size}`, () => client.threads.list({ limit: size }), ['threads'])
  const goals = useLoaded('threads-goals', () => client.goals.list({ limit: GOALS }), ['threads']).value ?? []
  const waiting = useLoaded('threads-inbox', () => client.inbox.list({ limit: 100 }), ['threads', 'inbox']).value ?? []
  const held = new Set(waiting.map((item) => threadOf(item, goals)))
  return (
    <>
      <header class="page-head">
        <h1>Conversations</h1>
        {may('talk') && (
          <a class="button primary" href={href(['start'], { kind: 'agent' })}>
            New conversation
          </a>
        )}
      </header>
      <Shown of={threads} lines={6}>
        {(found) =>
          found.length === 0 ? (
            <Empty title="There are no conversations yet.">
              <p class="quiet">
                Talk with an agent here, or with <code>antiphon chat AGENT</code>
              </p>
            </Empty>
          ) : (
            <>
              <ul class="rows">
                {found.map(({ id, name, owner, status, asked, startedAt, updatedAt }) => {
                  const first = goals.findLast(({ parent }) => parent?.thread === id)
                  const title = name ?? first?.goal
                  return (
                    <li key={id} class="row need">
                      <a class="cell main" href={href(['threads', id])}>
                        <Status of={held.has(id) ? 'waiting' : status} quiet />
                        <span class="names">
                          <span class="name">{title ?? id}</span>
                          {title && <span class="id">{id}</span>}
                        </span>
                      </a>
                      <span class="cell quiet">
                        {first && `with ${first.agent} · `}
                        {counted(asked, 'message')}
                        {updatedAt > startedAt && `, the last ${formatMoment(updatedAt, now.value)}`}
                        {held.has(id) && ' · waits for a person'}
                        {owner !== 'local' && ` · ${owner}`}
                      </span>
                      <span class="cell num quiet">{formatMoment(startedAt, now.value)}</span>
                    </li>
                  )
                })}
              </ul>
              {found.length >= size && size < 1000 && (
                <p class="more">
                  <button type="button" onClick={() => setSize(Math.min(1000, size + 2 * PAGE))}>
                    Show more
                  </button>
                </p>
              )}
            </>
          )
        }
      </Shown>
    </>
  )
}

type Goals = Awaited<ReturnType<typeof client.goals.list>>

/** The conversation in which an item waits. */
function threadOf(item: InboxItem, goals: Goals): string | undefined {
  if ('thread' in item) return item.thread
  if ('conversation' in item) return item.conversation
  return 'goal' in item ? goals.find(({ id }) => id === item.goal)?.parent?.thread : undefined
}
