import { useEffect, useRef, useState } from 'preact/hooks'
import type { AskDocument, InboxItem, ThreadDocument } from '../../src/client.ts'
import { InboxCard } from '../inbox/card.tsx'
import { command } from '../lib/commands.ts'
import { formatCount, formatMoment, formatSpan } from '../lib/format.ts'
import { now } from '../lib/live.ts'
import { useLoaded } from '../lib/load.ts'
import { may } from '../lib/rights.ts'
import { href, route } from '../lib/router.ts'
import { client } from '../lib/server.ts'
import { Action, Copy, Empty, Shown, Status } from '../parts/basics.tsx'
import { AnswerText } from './answer-text.tsx'
import { Composer } from './composer.tsx'
import { FileChips } from './files.tsx'
import { useLiveText } from './live-text.ts'
import { GoalWork } from './rounds.tsx'

const OPEN = ['queued', 'joined', 'running']

/** A conversation, from its first message to the form for the next one. A new one begins with its first message. */
export function ThreadPage({ id }: { readonly id: string }) {
  const topics = ['threads', `thread/${id}`, 'inbox']
  const thread = useLoaded(`thread ${id}`, () => client.threads.get(id), topics)
  const items = useLoaded(`thread-inbox ${id}`, () => client.inbox.list({ limit: 100, content: 'whole' }), topics)
  const wanted = route.value.query.get('agent') ?? undefined
  const isNew = thread.value === undefined && thread.failure?.code === 'not_found'
  if (isNew && wanted === undefined)
    return (
      <Empty title={`There is no conversation ${id}.`}>
        <p>
          <a href={href(['threads'])}>All conversations</a>
        </p>
      </Empty>
    )
  if (isNew)
    return (
      <>
        <Crumbs />
        <h1>With {wanted}</h1>
        <Composer thread={id} agent={wanted} isBusy={false} sent={thread.reload} />
      </>
    )
  return (
    <Shown of={thread}>
      {(found) => (
        <Whole
          id={id}
          thread={found}
          items={items.value ?? []}
          reload={() => {
            thread.reload()
            items.reload()
          }}
        />
      )}
    </Shown>
  )
}

const Crumbs = () => (
  <p class="crumbs">
    <a href={href(['threads'])}>Conversations</a>
  </p>
)

type WholeProps = {
  readonly id: string
  readonly thread: ThreadDocument
  readonly items: readonly InboxItem[]
  reload(): void
}

function Whole({ id, thread, items, reload }: WholeProps) {
  const { name, owner, asks, status, asked } = thread
  const agent = asks.findLast((ask) => ask.agent !== undefined)?.agent
  const isBusy = asks.some((ask) => OPEN.includes(ask.status))
  const live = useLiveText(id, agent !== undefined)
  const end = useRef<HTMLDivElement>(null)
  useEffect(() => end.current?.scrollIntoView({ block: 'nearest' }), [asks.length])
  const goals = new Set(asks.flatMap(({ goal }) => goal ?? []))
  const waiting = items.filter((item) => isOf(item, id, goals))
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
              copies={command('threads', 'stop', id)}
            />
          )}
          <span class="copies">
            <Copy text={command('threads', 'show', id)} label="Copy show command" />
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
              live={ask.status === 'running' ? live.value : ''}
              thread={id}
            />
          </li>
        ))}
      </ol>
      {waiting.map((item, index) => (
        <InboxCard key={index} item={item} done={reload} />
      ))}
      <div ref={end} />
      {may(agent === undefined ? 'ask' : 'talk') && (
        <Composer thread={id} agent={agent} isBusy={isBusy} sent={reload} />
      )}
    </>
  )
}

/** Whether an item of the inbox waits in the conversation. */
function isOf(item: InboxItem, thread: string, goals: ReadonlySet<string>): boolean {
  if ('thread' in item) return item.thread === thread
  if ('goal' in item && item.goal !== undefined) return goals.has(item.goal)
  return 'conversation' in item && item.conversation === thread
}

type ExchangeProps = {
  readonly ask: AskDocument
  readonly owner: string
  readonly thread: string
  /** the conversation waits for a person */
  readonly isHeld: boolean
  /** the text that is written now */
  readonly live: string
}

/** A message and its answer. */
function Exchange({ ask, owner, thread, isHeld, live }: ExchangeProps) {
  const { prompt, files, status, answer, reply, citations, problem, goal, askedAt, endedAt, usage, model, resultOf } =
    ask
  const { lacks = [], degraded, agent } = ask
  const text = reply ?? answer
  return (
    <>
      <div class={resultOf ? 'said result-of' : 'said'}>
        {resultOf ? (
          <p class="small quiet">
            The result of calls of <a href={href(['runs', resultOf.run])}>{resultOf.run}</a>
          </p>
        ) : null}
        <p class="prompt">{prompt}</p>
        <FileChips files={files} owner={owner} />
        <p class="quiet small">{formatMoment(askedAt, now.value)}</p>
      </div>
      <div class="reply">
        {text !== '' && <AnswerText text={text} citations={citations} />}
        {text === '' && live !== '' && (
          <div aria-live="polite" class="live">
            <AnswerText text={live} />
          </div>
        )}
        {problem && (
          <p class={status === 'cancelled' ? 'note' : 'note bad'}>
            {problem.message} <code>{problem.code}</code>
          </p>
        )}
        {[...lacks, ...degraded.map(({ phase, reason }) => `${phase}: ${reason}`)].map((line) => (
          <p key={line} class="note small">
            {line}
          </p>
        ))}
        <p class="quiet small reply-facts">
          <Status
            of={OPEN.includes(status) ? (isHeld ? 'waiting' : 'running') : status}
            quiet={status === 'completed'}
          />
          {endedAt !== undefined && <span>{formatSpan(endedAt - askedAt)}</span>}
          {usage.input + usage.output > 0 && <span>{formatCount(usage.input + usage.output)} tokens</span>}
          {model && <span>{model}</span>}
          {OPEN.includes(status) && agent === undefined && may('ask') && (
            <Action
              label="Cancel"
              does={() => client.threads.cancelAsk(thread, ask.id, 'cancelled on the dashboard')}
              copies={command('cancel', ask.id)}
            />
          )}
        </p>
        {goal !== undefined && (
          <Work goal={goal} thread={thread} isOpen={status === 'running'} agent={agent ?? 'the agent'} />
        )}
      </div>
    </>
  )
}

function Work({
  goal,
  thread,
  isOpen,
  agent,
}: {
  readonly goal: string
  readonly thread: string
  readonly isOpen: boolean
  readonly agent: string
}) {
  const [isShown, setShown] = useState(isOpen)
  return (
    <details class="work" open={isShown} onToggle={({ currentTarget }) => setShown(currentTarget.open)}>
      <summary>How {agent} worked</summary>
      {isShown && <GoalWork goal={goal} topics={[`thread/${thread}`, 'inbox']} />}
    </details>
  )
}
