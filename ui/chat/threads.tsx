import { useState } from 'preact/hooks'
import { useLoaded } from '../lib/load.ts'
import { href } from '../lib/router.ts'
import { client, may, mayUseCommands } from '../lib/server.ts'
import { Empty, Shown } from '../parts/basics.tsx'
import { OPEN } from './exchange.tsx'
import { heldAmong } from './held.ts'
import { ThreadRows, wholeName } from './thread-rows.tsx'

const PAGE = 50
/** Goals that are asked for, to say what the newest conversations began with. */
const GOALS = 200
/** Items of the inbox among which those of the conversations are looked for. */
const MAX_ITEMS = 1000

/** Conversations with agents, and threads of questions. */
export function Threads() {
  const [size, setSize] = useState(PAGE)
  const threads = useLoaded(`threads ${size}`, () => client.threads.list({ limit: size }), ['threads'])
  const goals = useLoaded('threads-goals', () => client.goals.list({ limit: GOALS }), ['threads']).value ?? []
  const open = threads.value?.filter(({ status }) => OPEN.includes(status)) ?? []
  const read = async () => (open.length === 0 ? [] : client.inbox.list({ limit: MAX_ITEMS, content: 'none' }))
  const items = useLoaded(`threads-held ${open.length > 0}`, read, ['threads', 'inbox']).value
  const held = heldAmong(open, items ?? [])
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
                <>
                  Talk with an agent here, or with <code>antiphon chat AGENT</code>
                </>
              )}
            </Empty>
          ) : (
            <ThreadRows
              threads={found}
              known={({ id, owner }) => {
                const thread = wholeName(id, owner)
                const first = goals.findLast(({ parent, owner }) => wholeName(parent?.thread, owner) === thread)
                return { goal: first?.goal, agent: first?.agent, isHeld: held.has(id) }
              }}
              more={found.length >= size && size < 1000 ? () => setSize(Math.min(1000, size + 2 * PAGE)) : undefined}
            />
          )
        }
      </Shown>
    </>
  )
}
