import { useState } from 'preact/hooks'
import type { AskDocument } from '../../src/client.ts'
import { formatCount, formatMoment, formatSpan } from '../lib/format.ts'
import { href } from '../lib/router.ts'
import { client, may } from '../lib/server.ts'
import { shownText } from '../lib/written.ts'
import { Action, Status } from '../parts/basics.tsx'
import { AnswerText } from './answer-text.tsx'
import { FileChips } from './files.tsx'
import type { Live } from './live.ts'
import { GoalWork } from './rounds.tsx'

/** Statuses of messages that are not answered yet. */
export const OPEN = ['queued', 'joined', 'running']

/** A message as the page shows it: a caller that may only talk knows less of it. */
export type Said = Pick<AskDocument, 'id' | 'prompt' | 'status' | 'answer'> & Partial<AskDocument>

type ExchangeProps = {
  readonly ask: Said
  readonly owner?: string
  readonly thread: string
  /** the conversation waits for a person */
  readonly isHeld: boolean
  /** the text that is written now; absent: no text is */
  readonly live?: Pick<Live, 'text' | 'from' | 'isAgain'> | undefined
}

export function Exchange({ ask, owner, thread, isHeld, live }: ExchangeProps) {
  const {
    prompt,
    files,
    status,
    answer,
    reply,
    citations = [],
    problem,
    goal,
    askedAt,
    endedAt,
    usage,
    model,
    resultOf,
  } = ask
  const { answerFiles, lacks = [], degraded = [], agent } = ask
  const text = reply ?? answer
  return (
    <>
      <div class={resultOf ? 'said result-of' : 'said'}>
        {resultOf ? (
          <p class="small quiet">
            {may('read') ? (
              <>
                The result of calls of <a href={href(['runs', resultOf.run])}>{resultOf.run}</a>
              </>
            ) : (
              'The result of an earlier call'
            )}
          </p>
        ) : null}
        <p class="prompt">{prompt}</p>
        <FileChips files={files} owner={owner} />
        {askedAt !== undefined && <p class="quiet small">{formatMoment(askedAt)}</p>}
      </div>
      <div class="reply">
        {text !== '' && <AnswerText text={text} citations={citations} />}
        {text === '' && live?.isAgain && <p class="note small">The model begins this answer again.</p>}
        {text === '' && live && live.text !== '' && (
          <div aria-live="polite" class="live">
            <AnswerText text={shownText(live)} />
          </div>
        )}
        <FileChips files={answerFiles} owner={owner} />
        {problem && (
          <p class={status === 'cancelled' ? 'note' : 'note bad'}>
            {problem.message} {may('read') && <code>{problem.code}</code>}
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
          {endedAt !== undefined && askedAt !== undefined && <span>{formatSpan(endedAt - askedAt)}</span>}
          {usage && usage.input + usage.output > 0 && <span>{formatCount(usage.input + usage.output)} tokens</span>}
          {model && <span>{model}</span>}
          {OPEN.includes(status) && status !== 'joined' && agent === undefined && may('read') && may('ask') && (
            <Action
              label="Cancel"
              does={() => client.threads.cancelAsk(thread, ask.id, 'cancelled on the dashboard')}
              copies={['cancel', ask.id]}
            />
          )}
        </p>
        {goal !== undefined && may('read') && (
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
