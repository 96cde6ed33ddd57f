import { useState } from 'preact/hooks'
import type { InboxItem } from '../../src/client.ts'
import { allWaiting } from '../inbox/waiting.ts'
import { useLoaded } from '../lib/load.ts'
import { may, mayUseCommands } from '../lib/rights.ts'
import { href } from '../lib/router.ts'
import { client } from '../lib/server.ts'
import { Empty, Shown } from '../parts/basics.tsx'
import { ThreadRows, wholeName } from './thread-rows.tsx'

const PAGE = 50
/** Goals that are asked for, to say what the newest conversations began with. */
const GOALS = 200

/** Conversations with agents, and threads of questions. */
export function Threads() {
  const [size, setSize] = useState(PAGE)
  const threads = useLoaded(`threads ${size}`, () => client.threads.list({ limit: size }), ['threads'])
  const goals = useLoaded('threads-goals', () => client.goals.list({ limit: GOALS }), ['threads']).value ?? []
  const waiting = useLoaded('threads-inbox', allWaiting, ['threads', 'inbox']).value ?? []
  const held = new Set(waiting.map((item) => wholeName(threadOf(item, goals), item.owner)))
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
                return { goal: first?.goal, agent: first?.agent, isHeld: held.has(thread) }
              }}
              more={found.length >= size && size < 1000 ? () => setSize(Math.min(1000, size + 2 * PAGE)) : undefined}
            />
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
