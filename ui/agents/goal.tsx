import { AnswerText } from '../chat/answer-text.tsx'
import { FileChips } from '../chat/files.tsx'
import { beginsLater, type GoalDocument, Rounds } from '../chat/rounds.tsx'
import { InboxCards } from '../inbox/cards.tsx'
import { formatMoment, formatMoney, formatSpan, now } from '../lib/format.ts'
import { useKept } from '../lib/kept.ts'
import { useLoaded } from '../lib/load.ts'
import { href } from '../lib/router.ts'
import { client, may } from '../lib/server.ts'
import { Action, Actions, CopyCommand, Empty, Shown, Status } from '../parts/basics.tsx'
import { statusOf } from './agents.tsx'

/** A goal of an agent: its rounds, and the ways to steer it. */
export function GoalPage({ id }: { readonly id: string }) {
  const goal = useLoaded(`goal ${id}`, () => client.goals.get(id), ['threads', 'inbox', 'runs'])
  const items = useLoaded(`goal-inbox ${id}`, () => client.inbox.list({ goal: id, content: 'whole' }), ['inbox'])
  if (goal.value === undefined && goal.failure?.code === 'not_found')
    return <Empty title={`There is no goal ${id}.`} way={[href(['agents']), 'All agents']} />
  const reload = () => {
    goal.reload()
    items.reload()
  }
  return (
    <Shown of={goal}>
      {(found) => (
        <>
          <Head goal={found} reload={reload} />
          <InboxCards items={items.value ?? []} done={reload} />
          <div class="said">
            <p class="prompt">{found.goal}</p>
            <FileChips files={found.files} owner={found.owner} />
          </div>
          {found.problem && (
            <p class="note bad" role="alert">
              {found.problem.message} <code>{found.problem.code}</code>
            </p>
          )}
          {found.answer !== undefined && (
            <section>
              <h2>Answer</h2>
              <AnswerText text={found.answer} />
              <FileChips files={found.answerFiles} owner={found.owner} />
            </section>
          )}
          <section>
            <h2>Rounds</h2>
            <Rounds goal={found} />
          </section>
        </>
      )}
    </Shown>
  )
}

const OVER = ['completed', 'failed', 'cancelled', 'handed_off']

function Head({ goal, reload }: { readonly goal: GoalDocument; reload(): void }) {
  const { id, agent, status, startedAt, finishedAt, parent, cost } = goal
  return (
    <header class="run-head">
      <p class="crumbs">
        <a href={href(['agents'])}>Agents</a> / <a href={href(['agents'], { agent })}>{agent}</a>
        {parent?.thread && (
          <>
            {' / '}
            <a href={href(['threads', parent.thread])}>{parent.thread}</a>
          </>
        )}
      </p>
      <h1>
        Goal of {agent} <Status of={statusOf(status)} />
      </h1>
      <p class="facts-line quiet">
        <code>{id}</code>
        <span>{formatMoment(startedAt)}</span>
        <span>{formatSpan((finishedAt ?? now.value) - startedAt)}</span>
        <span>{formatMoney(cost)}</span>
        <CopyCommand words={['agent', 'show', id]} label="Copy show command" />
      </p>
      {!OVER.includes(status) && may('run') && <Steer goal={goal} reload={reload} />}
    </header>
  )
}

/** Tells a goal something, pauses, continues or cancels it. */
function Steer({ goal, reload }: { readonly goal: GoalDocument; reload(): void }) {
  const { id, status } = goal
  const [text, setText, clear] = useKept(`tell ${id}`, () => '')
  const isHeld = status === 'paused' || status === 'waiting'
  const tell = async () => {
    await client.goals.tell(id, text)
    clear()
    reload()
  }
  return (
    <>
      <label class="field">
        Tell it something before its next round
        <input value={text} onInput={({ currentTarget }) => setText(currentTarget.value)} />
      </label>
      <Actions>
        <Action
          label="Tell"
          kind="primary"
          disabled={text.trim() === ''}
          does={tell}
          copies={['agent', 'tell', id, text || 'TEXT']}
        />
        {beginsLater(goal) ? null : isHeld ? (
          <Action label="Resume" does={() => client.goals.resume(id).then(reload)} copies={['agent', 'resume', id]} />
        ) : (
          <Action label="Pause" does={() => client.goals.pause(id).then(reload)} copies={['agent', 'pause', id]} />
        )}
        <Action
          label="Cancel"
          kind="danger"
          does={() => client.goals.cancel(id, 'cancelled on the dashboard').then(reload)}
          copies={['agent', 'cancel', id]}
        />
      </Actions>
    </>
  )
}
