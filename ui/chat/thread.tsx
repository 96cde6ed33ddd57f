import { useEffect, useRef } from 'preact/hooks'
import type { InboxItem, ThreadDocument } from '../../src/client.ts'
import { InboxCards } from '../inbox/cards.tsx'
import { useLoaded } from '../lib/load.ts'
import { href, route } from '../lib/router.ts'
import { client, may } from '../lib/server.ts'
import { Action, CopyCommand, Empty, Shown, Status } from '../parts/basics.tsx'
import { Composer } from './composer.tsx'
import { Exchange, OPEN } from './exchange.tsx'
import { useLive } from './live-text.ts'

/** A conversation, from its first message to the form for the next one. A new one begins with its first message. */
export function ThreadPage({ id }: { readonly id: string }) {
  const topics = ['threads', `thread/${id}`, 'inbox']
  const thread = useLoaded(`thread ${id}`, () => readThread(id), topics)
  const wanted = route.value.query.get('agent') ?? undefined
  const isNew = thread.value === undefined && thread.failure?.code === 'not_found'
  if (isNew && wanted === undefined)
    return <Empty title={`There is no conversation ${id}.`} way={[href(['threads']), 'All conversations']} />
  if (isNew)
    return (
      <>
        <Crumbs />
        <h1>With {wanted}</h1>
        <Composer thread={id} agent={wanted} isBusy={false} sent={thread.reload} />
      </>
    )
  return <Shown of={thread}>{(found) => <Whole id={id} {...found} reload={thread.reload} />}</Shown>
}

/** A conversation with what waits for a person in it. */
async function readThread(id: string) {
  const [thread, waiting] = await Promise.all([
    client.threads.get(id),
    client.inbox.list({ thread: id, content: 'whole' }),
  ])
  return { thread, waiting }
}

const Crumbs = () => (
  <p class="crumbs">
    <a href={href(['threads'])}>Conversations</a>
  </p>
)

type WholeProps = {
  readonly id: string
  readonly thread: ThreadDocument
  readonly waiting: readonly InboxItem[]
  reload(): void
}

function Whole({ id, thread, waiting, reload }: WholeProps) {
  const { name, owner, asks, status, asked } = thread
  const agent = asks.findLast((ask) => ask.agent !== undefined)?.agent
  const isBusy = asks.some((ask) => OPEN.includes(ask.status))
  const live = useLive(id, agent !== undefined)
  const end = useRef<HTMLDivElement>(null)
  useEffect(() => end.current?.scrollIntoView({ block: 'nearest' }), [asks.length])
  return (
    <>
      <Crumbs />
      <header class="run-head">
        <h1>
          {name ?? id} <Status of={isBusy && waiting.length > 0 ? 'waiting' : status} />
        </h1>
        <p class="quiet">
          {agent ? (
            <>
              with <a href={href(['agents'], { agent })}>{agent}</a>
            </>
          ) : (
            'answered by the phases'
          )}
          {owner !== 'local' && ` · of ${owner}`}
          {asked > asks.length && ` · the newest ${asks.length} of ${asked} messages`}
        </p>
        <div class="buttons">
          {isBusy && agent !== undefined && may('talk') && (
            <Action
              kind="danger"
              label="Stop"
              does={() => client.conversations.stop(id, 'stopped on the dashboard').then(reload)}
              copies={['threads', 'stop', id]}
            />
          )}
          <span class="copies">
            <CopyCommand words={['threads', 'show', id]} label="Copy show command" />
          </span>
        </div>
      </header>
      <ol class="talk">
        {asks.map((ask) => (
          <li key={ask.id}>
            <Exchange
              ask={ask}
              owner={owner}
              isHeld={waiting.length > 0}
              live={ask.status === 'running' ? live.value : undefined}
              thread={id}
            />
          </li>
        ))}
      </ol>
      <InboxCards items={waiting} done={reload} />
      <div ref={end} />
      {may(agent === undefined ? 'ask' : 'talk') && (
        <Composer thread={id} agent={agent} isBusy={isBusy} sent={reload} />
      )}
    </>
  )
}
