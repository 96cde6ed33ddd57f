import type { InboxItem, StepItem } from '../../src/client.ts'
import { FileChips } from '../chat/files.tsx'
import { command } from '../lib/commands.ts'
import { asText, capitalized, formatSpan } from '../lib/format.ts'
import { now } from '../lib/live.ts'
import { may, type Scope } from '../lib/rights.ts'
import { href } from '../lib/router.ts'
import { client } from '../lib/server.ts'
import { Action, Actions, Command, Text } from '../parts/basics.tsx'
import { Buttons, Money } from './buttons.tsx'
import { StepForm } from './step-form.tsx'
import { isOpen, placeOf } from './waiting.ts'

/** An item of the inbox with its whole content and the form that answers it. `done`: called after an answer. */
export function InboxCard({ item, done }: { readonly item: InboxItem; done(): void }) {
  return (
    <article class={`card item${isOpen(item) ? ' chosen' : ''}`} aria-label={item.title}>
      <header>
        <span class="tag person">{kindOf(item)}</span>
        <h3>{may('read') ? <a href={placeOf(item)}>{capitalized(item.title)}</a> : capitalized(item.title)}</h3>
        <p class="quiet small">
          <Origin item={item} /> · waits for {formatSpan(Math.max(1000, now.value - item.since))}
          {unanswered(item)}
        </p>
      </header>
      {'content' in item && item.content !== undefined && (
        <Content of={item.content} files={'files' in item ? item.files : undefined} />
      )}
      {'run' in item && <Doubt item={item} />}
      {'run' in item && item.lastMessage !== undefined && <Quote of={item.lastMessage} name="They wrote last" />}
      {'files' in item && <FileChips files={item.files} owner={item.owner} />}
      {'changes' in item && item.changes && <Text of={item.changes.join('\n')} name="What has changed" />}
      {'arrived' in item && item.arrived && (
        <Text of={item.arrived.map(arrivedLine).join('\n')} name="What came for it" />
      )}
      {'text' in item && item.text !== undefined && <Text of={item.text} name="The fact" />}
      {may(scopeFor(item)) ? (
        <Form item={item} done={done} />
      ) : (
        <p class="quiet">You may read this, but not answer it.</p>
      )}
    </article>
  )
}

/** What is known of a call that may have taken place, to look it up at the other service. */
function Doubt({ item: { idempotencyKey, sentAt, lastWords, lookedUp } }: { readonly item: StepItem }) {
  return (
    <>
      {idempotencyKey !== undefined && (
        <p class="quiet small">
          {sentAt !== undefined && `Sent at ${new Date(sentAt).toLocaleString()}. `}Its idempotency key:{' '}
          <code>{idempotencyKey}</code>
        </p>
      )}
      {lastWords !== undefined && <Quote of={lastWords} name="The last words of the service" />}
      {lookedUp && (
        <p class="quiet small">
          Looked up at {new Date(lookedUp.at).toLocaleString()}: {lookedUp.found}
        </p>
      )}
    </>
  )
}

const Quote = ({ of, name }: { readonly of: string; readonly name: string }) => (
  <>
    <p class="quiet small">{name}</p>
    <blockquote>{of}</blockquote>
  </>
)

/** What happens if nobody answers. */
function unanswered(item: InboxItem): string {
  const until = 'until' in item && item.until !== undefined ? new Date(item.until).toLocaleString() : undefined
  if (item.expects.type === 'nothing') return until === undefined ? '' : ` · it tries again at ${until}`
  return until === undefined ? ' · it waits without a limit' : ` · without an answer it ends at ${until}`
}

type Arrived = NonNullable<Extract<InboxItem, { readonly run: string }>['arrived']>[number]

/** A signal that a step has not taken. */
const arrivedLine = ({ at, problem, value }: Arrived) =>
  `${new Date(at).toLocaleString()}, ${problem === undefined ? 'waits for code' : `does not fit: ${problem}`}${value === undefined ? '' : `\n${asText(value)}`}`

function scopeFor(item: InboxItem): Scope {
  if (item.kind === 'fact') return 'memory'
  if (item.kind === 'decision' || item.kind === 'consent') return 'ask'
  return 'run' in item && item.kind !== 'signal' && item.expects.type !== 'money' ? 'approve' : 'run'
}

/** The kind of an item, as a word for people. */
export const kindOf = ({ kind, expects }: InboxItem): string =>
  expects.type === 'money' ? 'money' : kind === 'unknown' ? 'unknown outcome' : kind

function Origin({ item }: { readonly item: InboxItem }) {
  if ('run' in item && !may('read')) return <>{item.tool ? `calls ${item.tool}` : `step ${item.step}`}</>
  if ('run' in item)
    return (
      <>
        step <code>{item.step}</code> of <a href={href(['runs', item.run], { step: item.step })}>{item.run}</a>
        {item.tool && ` · calls ${item.tool}`}
        {item.agent && ` · for the agent ${item.agent}`}
        <Customer item={item} />
      </>
    )
  if (item.kind === 'goal')
    return (
      <>
        goal {may('read') ? <a href={href(['goals', item.goal])}>{item.goal}</a> : item.goal} of the agent {item.agent}
      </>
    )
  return <>{'thread' in item ? `thread ${item.thread}` : `memory ${item.space}`}</>
}

/** The owner of the work, and its conversation, one click away. */
function Customer({ item }: { readonly item: Pick<StepItem, 'owner' | 'conversation'> }) {
  const { owner, conversation } = item
  return (
    <>
      {owner !== LOCAL && ` · for ${owner}`}
      {conversation !== undefined && (
        <>
          {' · '}
          <a href={href(['threads', `${owner}:${conversation}`])}>the conversation {conversation}</a>
        </>
      )}
    </>
  )
}

/** The user of the data folder, who needs no name. */
const LOCAL = 'local'

/** Arguments of more than this many names are JSON at once. */
const MAX_ARGUMENTS = 12

/** What an item is about: arguments as a table, with their JSON one click away, and all else as a text. */
function Content({ of, files = [] }: { readonly of: unknown; readonly files?: StepItem['files'] }) {
  const nameOf = (value: unknown) =>
    files.find(({ file }) => file === (value as { readonly file?: string } | null)?.file)?.name
  const entries = typeof of === 'object' && of !== null && !Array.isArray(of) ? Object.entries(of) : []
  if (entries.length === 0 || entries.length > MAX_ARGUMENTS) return <Text of={asText(of)} name="What it is about" />
  return (
    <>
      <table class="arguments" aria-label="What it is about">
        <tbody>
          {entries.map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{nameOf(value) ?? (typeof value === 'string' ? value : JSON.stringify(value))}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <details>
        <summary>As JSON</summary>
        <Text of={asText(of)} name="As JSON" />
      </details>
    </>
  )
}

function Form({ item, done }: { readonly item: InboxItem; done(): void }) {
  if ('run' in item) return <StepForm item={item} done={done} />
  switch (item.kind) {
    case 'decision':
      return (
        <Buttons
          choices={item.expects.choices}
          send={(choice) => client.inbox.decide(item.ask, { decision: choice }, { thread: item.thread })}
          words={(choice) => command('decide', item.ask, choice)}
          done={done}
        />
      )
    case 'goal':
      if (item.expects.type === 'money')
        return <Money scope={(item.signal ?? '').replace(/^budget:/, '')} done={done} />
      return (
        <>
          <Actions>
            <Action kind="primary" label="Resume" does={() => client.goals.resume(item.goal).then(done)} />
          </Actions>
          <Command text={command('agent', 'resume', item.goal)} />
        </>
      )
    case 'fact':
      return (
        <Buttons
          choices={item.expects.choices}
          send={(choice) =>
            choice === 'accept' ? client.memory.accept(item.record) : client.memory.decline(item.record)
          }
          words={(choice) => command('memory', choice, item.record)}
          done={done}
        />
      )
    case 'money':
      return <Money scope={item.signal.replace(/^budget:/, '')} done={done} />
    case 'consent':
      return (
        <>
          {item.messages.map((message) => (
            <div key={message.message}>
              <Text of={message.text} name="The message" />
              <Buttons
                choices={item.expects.choices}
                send={(choice) =>
                  client.inbox.consent(item.ask, [{ message: message.message, answer: choice } as never], {
                    thread: item.thread,
                  })
                }
                words={(choice) => command('consent', item.ask, String(message.message), choice)}
                done={done}
              />
            </div>
          ))}
        </>
      )
    default:
      return <p class="quiet">It continues by itself.</p>
  }
}
