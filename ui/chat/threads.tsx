import { useState } from 'preact/hooks'
import type { ThreadSummary } from '../../src/client.ts'
import { useLoaded } from '../lib/load.ts'
import { may, mayUseCommands } from '../lib/rights.ts'
import { href } from '../lib/router.ts'
import { client } from '../lib/server.ts'
import { Empty, Shown } from '../parts/basics.tsx'
import { OPEN } from './exchange.tsx'
import { ThreadRows, wholeName } from './thread-rows.tsx'

const PAGE = 50
/** Goals that are asked for, to say what the newest conversations began with. */
const GOALS = 200
/** Conversations that are looked at, to say whether they wait for a person. */
const MAX_LOOKED_AT = 20

/** Conversations with agents, and threads of questions. */
export function Threads() {
  const [size, setSize] = useState(PAGE)
  const threads = useLoaded(`threads ${size}`, () => client.threads.list({ limit: size }), ['threads'])
  const goals = useLoaded('threads-goals', () => client.goals.list({ limit: GOALS }), ['threads']).value ?? []
  const open = threads.value?.filter(({ status }) => OPEN.includes(status)).slice(0, MAX_LOOKED_AT) ?? []
  const openIds = open.map(({ id }) => id).join()
  const held = useLoaded(`threads-held ${openIds}`, () => findHeld(open), ['threads', 'inbox']).value
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
              {mayUseCommands() && (
                <p class="quiet">
                  Talk with an agent here, or with <code>antiphon chat AGENT</code>
                </p>
              )}
            </Empty>
          ) : (
            <ThreadRows
              threads={found}
              known={({ id, owner }) => {
                const thread = wholeName(id, owner)
                const first = goals.findLast(({ parent, owner }) => wholeName(parent?.thread, owner) === thread)
                return { goal: first?.goal, agent: first?.agent, isHeld: held?.has(id) ?? false }
              }}
              more={found.length >= size && size < 1000 ? () => setSize(Math.min(1000, size + 2 * PAGE)) : undefined}
            />
          )
        }
      </Shown>
    </>
  )
}

/** The conversations in which something waits for a person. */
async function findHeld(threads: readonly ThreadSummary[]): Promise<ReadonlySet<string>> {
  const lists = await Promise.all(threads.map(({ id }) => client.inbox.list({ thread: id, limit: 1, content: 'none' })))
  return new Set(threads.flatMap(({ id }, at) => (lists[at]!.length > 0 ? [id] : [])))
}
